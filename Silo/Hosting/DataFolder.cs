using System.Globalization;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Hosting;

/// <summary>
/// The silo's data folder, held exclusively: two silos on one folder would overwrite each other. The operating system drops the lock
/// when the process ends, however it ends.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Root = path;
        _lock = held;
    }

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <summary>The database.</summary>
    public string Database => Path.Combine(Root, "grid.db");

    /// <summary>The folder of large blobs.</summary>
    public string Blobs => Path.Combine(Root, "blobs");

    /// <summary>The folder of copies of blobs that are in PostgreSQL.</summary>
    public string BlobCache => Path.Combine(Root, "blob-cache");

    /// <summary>The grid's private key.</summary>
    public string Key => Path.Combine(Root, "grid.key");

    /// <summary>What a new grid's operator needs first.</summary>
    public string Bootstrap => Path.Combine(Root, "bootstrap.json");

    /// <summary>Takes the folder; makes it when it does not exist.</summary>
    /// <exception cref="StartFailedException">It cannot be written, or another silo has it.</exception>
    public static DataFolder Take(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            MakePrivate(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(root, e);
        }

        var file = Path.Combine(root, "folder.lock");
        try
        {
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // Beside the lock, which nobody else can even read.
            File.WriteAllText(HolderOf(root), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataFolder(root, held);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && !File.Exists(file)))
        {
            throw Unusable(root, e);
        }
        catch (IOException e)
        {
            throw new StartFailedException(
                ExitCode.DataFolderInUse,
                [$"The data folder {root} is in use by another silo{DescribeHolder(root)}: stop that one, or give this one another folder with --data."],
                e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static void MakePrivate(string root)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(root);
        }
        else
        {
            Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string HolderOf(string root) => Path.Combine(root, "folder.pid");

    private static string DescribeHolder(string root)
    {
        try
        {
            return $" (process {File.ReadAllText(HolderOf(root))})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static StartFailedException Unusable(string root, Exception e) => new(
        ExitCode.DataFolder,
        [new StorageException($"The data folder {root} cannot be written ({e.Message}): check its permissions and the disk's space, or name another with --data.").Message],
        e);
}
