namespace Orleans.Embedded;

/// <summary>
/// The exclusive use of a data folder. The operating system drops the lock when the process ends, however it ends; the file
/// beside it names the holder.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _held;

    private DataFolderLock(FileStream held) => _held = held;

    public static DataFolderLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var holder = Path.Combine(folder, "silo.pid");
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, "silo.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new OrleansConfigurationException(
                $"The data folder {folder} is in use by another silo (process {ReadHolder(holder)}). "
                + "Stop that one, or give this one a data folder of its own.",
                failure);
        }
        File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new DataFolderLock(held);
    }

    public void Dispose() => _held.Dispose();

    private static string ReadHolder(string path)
    {
        try { return File.ReadAllText(path).Trim(); }
        catch (IOException) { return "unknown"; }
    }
}
