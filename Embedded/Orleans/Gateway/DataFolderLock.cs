namespace Orleans.Embedded;

/// <summary>The exclusive use of a data folder. The operating system drops the lock when the process ends, however it ends; the file
/// beside it names the holder.</summary>
internal static class DataFolderLock {
    public static IDisposable Take(string folder) {
        Directory.CreateDirectory(folder);
        var holder = Path.Combine(folder, "silo.pid");
        try {
            var held = new FileStream(Path.Combine(folder, "silo.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch (IOException failure) {
            throw new OrleansConfigurationException(
                $"The data folder {folder} is in use by another silo (process {(File.Exists(holder) ? File.ReadAllText(holder) : "unknown")}). "
                + "Stop that one, or give this one a data folder of its own.",
                failure);
        }
    }
}
