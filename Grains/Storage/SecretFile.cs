namespace PiGrid.Grains.Storage;

/// <summary>Files that their owner alone may read. They are whole or not there: written beside their place and moved.</summary>
public static class SecretFile
{
    /// <summary>Writes the text, replacing what was there; on Unix with mode 0600 from its first byte on.</summary>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static void Write(string path, string text) => Write(path, text, replace: true);

    /// <summary>Writes the text unless there is a file; of several programs that do so at once, one does.</summary>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static bool WriteNew(string path, string text) => Write(path, text, replace: false);

    private static bool Write(string path, string text, bool replace)
    {
        var incoming = $"{path}.{Guid.NewGuid():n}.new";
        try
        {
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

            var moved = true;
            if (replace)
            {
                File.Move(incoming, path, overwrite: true);
            }
            else
            {
                moved = NewName.TryMove(incoming, path);
            }

            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return moved;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be written ({e.Message}): check the disk's space, quota and permissions.", e);
        }
        finally
        {
            // Asked first: in a folder that is not there, Delete would hide what went wrong.
            if (File.Exists(incoming))
            {
                File.Delete(incoming);
            }
        }
    }
}
