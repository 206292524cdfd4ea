using System.Runtime.InteropServices;
using System.Text;

namespace PiGrid.Grains.Storage;

/// <summary>
/// Gives a file a name that nobody has. <see cref="File.Move(string, string)"/> promises that, but on Unix looks first and renames then, so of two
/// programs at once the second takes the first one's place; a hard link is made by one of them alone.
/// </summary>
public static class NewName
{
    private const int Exists = 17; // EEXIST, the same on Linux and macOS

    /// <summary>Moves the file to the name, which is in the same folder, unless there is one of that name.</summary>
    /// <returns>Whether it was moved; if not, it is where it was.</returns>
    /// <exception cref="IOException">The disk failed or is full, or the file is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static bool TryMove(string file, string name)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(Encoding.UTF8.GetBytes(file + '\0'), Encoding.UTF8.GetBytes(name + '\0')) == 0)
            {
                File.Delete(file);
                return true;
            }

            if (Marshal.GetLastPInvokeError() == Exists)
            {
                return false;
            }

            // A file system without hard links (FAT, some network shares), or a failure that the move meets again and names.
        }

        try
        {
            File.Move(file, name, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(name))
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Link(byte[] file, byte[] name);
}
