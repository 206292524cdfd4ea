using System.Globalization;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Hosting;

/// <summary>
/// The silo's data folder, held exclusively: two silos on one folder would overwrite each other. The operating system drops the lock
/// when the process ends, however it ends.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>The name of the file with the grid's private key.</summary>
    public const string KeyName = "grid.key";

    private const string BootstrapName = "bootstrap.json";

    private readonly FileStream _lock;

    private DataFolder(string path, string shared, FileStream held)
    {
        Root = path;
        Shared = shared;
        _lock = held;
    }

    /// <summary>The names of the files that are in a backup as they are; all are secret.</summary>
    public static IReadOnlyList<string> SecretNames { get; } = [KeyName, BootstrapName];

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <summary>The full path of the folder that all silos of the grid share; this one when none is named.</summary>
    public string Shared { get; }

    /// <summary>The database.</summary>
    public string Database => DatabaseOf(Root);

    /// <summary>The folder of large blobs.</summary>
    public string Blobs => BlobsOf(Root);

    /// <summary>The folder of copies of blobs that are in PostgreSQL.</summary>
    public string BlobCache => BlobCacheOf(Root);

    /// <summary>The grid's private key.</summary>
    public string Key => Path.Combine(Shared, KeyName);

    /// <summary>What a new grid's operator needs first.</summary>
    public string Bootstrap => Path.Combine(Shared, BootstrapName);

    /// <summary>The database in a data folder.</summary>
    public static string DatabaseOf(string root) => Path.Combine(root, "grid.db");

    /// <summary>The large blobs in a data folder.</summary>
    public static string BlobsOf(string root) => Path.Combine(root, "blobs");

    /// <summary>The copies of blobs in a data folder.</summary>
    public static string BlobCacheOf(string root) => Path.Combine(root, "blob-cache");

    /// <summary>Takes the folder; makes it, and the shared one, when they do not exist.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="sharedPath">The folder that all silos of the grid share; the same when empty.</param>
    /// <exception cref="StartFailedException">They cannot be written, or another silo has the folder.</exception>
    public static DataFolder Take(string path, string sharedPath = "")
    {
        var root = Make(path);
        var shared = sharedPath.Length == 0 ? root : Make(sharedPath);

        var file = Path.Combine(root, "folder.lock");
        try
        {
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // Beside the lock, which nobody else can even read.
            File.WriteAllText(HolderOf(root), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataFolder(root, shared, held);
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

    /// <summary>Makes a folder that its owner alone can enter, unless it exists.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void MakePrivate(string root)
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

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static string Make(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            MakePrivate(full);
            return full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(full, e);
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
