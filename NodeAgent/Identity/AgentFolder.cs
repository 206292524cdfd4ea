using System.Globalization;

namespace PiGrid.NodeAgent.Identity;

/// <summary>
/// The agent's data folder, readable by its owner alone and used by one agent at a time. The lock is an open file, so that it never
/// outlives the agent; the process id beside it is only for the message to whoever comes second.
/// </summary>
internal sealed class AgentFolder : IDisposable
{
    private readonly FileStream _lock;

    private AgentFolder(string path, FileStream locked) => (Root, _lock) = (path, locked);

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The node's private key.</summary>
    public string KeyFile => Path.Combine(Root, "node.key");

    /// <summary>What enrolment said: the grid's key and the node's owner.</summary>
    public string EnrolmentFile => Path.Combine(Root, "enrolment.json");

    /// <summary>What the volunteer allows.</summary>
    public string PreferencesFile => Path.Combine(Root, "preferences.json");

    /// <summary>Models and inputs, by digest.</summary>
    public string CacheFolder => Path.Combine(Root, "cache");

    /// <summary>Results without a verdict.</summary>
    public string ResultsFolder => Path.Combine(Root, "results");

    /// <summary>Working folders of worker processes.</summary>
    public string WorkFolder => Path.Combine(Root, "work");

    /// <summary>Opens the folder, creating it when it is new.</summary>
    /// <exception cref="AgentException">Another agent uses it, or it cannot be used.</exception>
    public static AgentFolder Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            CreatePrivate(root);
            var locked = Lock(root);
            var folder = new AgentFolder(root, locked);
            folder.Prepare();
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ExitCode.FolderUnusable, $"The data folder '{root}' cannot be used: {e.Message} Give another folder with --data, or make this one writable.");
        }
    }

    /// <summary>Writes a file that only its owner can read, whole or not at all.</summary>
    public static void WritePrivate(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string root)
    {
        var path = Path.Combine(root, "agent.lock");
        var pidFile = Path.Combine(root, "agent.pid");
        FileStream locked;
        try
        {
            locked = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            var pid = File.Exists(pidFile) ? File.ReadAllText(pidFile) : "unknown";
            throw new AgentException(
                ExitCode.FolderUnusable,
                $"The data folder '{root}' is in use by another agent (process {pid}). Stop that one, or give this one a folder of its own with --data.");
        }

        File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return locked;
    }

    private void Prepare()
    {
        CreatePrivate(CacheFolder);
        CreatePrivate(ResultsFolder);
        // What workers of an agent that was killed left behind.
        if (Directory.Exists(WorkFolder))
        {
            Directory.Delete(WorkFolder, recursive: true);
        }

        CreatePrivate(WorkFolder);
    }

    private static void CreatePrivate(string path)
    {
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, mode);
        File.SetUnixFileMode(path, mode);
    }
}
