namespace PiGrid.Grains.Storage;

/// <summary>Files that their owner alone may read. They are whole or not there: written beside their place and moved.</summary>
public static class SecretFile
{
    /// <summary>Writes the text, replacing what was there; on Unix with mode 0600 from its first byte on.</summary>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static void Write(string path, string text)
    {
        var incoming = path + ".new";
        try
        {
            File.Delete(incoming);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(incoming, options))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(incoming, path, overwrite: true);
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be written ({e.Message}): check the disk's space, quota and permissions.", e);
        }
    }
}
