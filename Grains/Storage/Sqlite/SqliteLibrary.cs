using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>
/// Which native SQLite is used. The package's own is old (3.35), so the operating system's is preferred: it gets the fixes
/// that the system gets. Where there is none, or one that is older still, the package's is there.
/// </summary>
internal static class SqliteLibrary
{
    // 3.35 is what the bundled library has, and so the oldest that this code was tried with.
    private const int VersionMin = 3_035_000;

    private static readonly Lazy<string> Chosen = new(Choose);

    /// <summary>Loads the library, once per process; returns its version, such as <c>3.40.1</c>.</summary>
    public static string Load() => Chosen.Value;

    private static string Choose()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        Batteries_V2.Init();
        return raw.sqlite3_libversion().utf8_to_string();
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != "e_sqlite3")
        {
            return 0;
        }

        var system = OperatingSystem.IsWindows() ? "winsqlite3.dll"
            : OperatingSystem.IsMacOS() ? "/usr/lib/libsqlite3.dylib"
            : "libsqlite3.so.0";
        return NativeLibrary.TryLoad(system, out var handle) && IsNewEnough(handle) ? handle : 0;
    }

    private static bool IsNewEnough(nint handle) =>
        NativeLibrary.TryGetExport(handle, "sqlite3_libversion_number", out var function)
        && Marshal.GetDelegateForFunctionPointer<VersionNumber>(function)() >= VersionMin;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
