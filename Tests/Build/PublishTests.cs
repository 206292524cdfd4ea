namespace PiGrid.Tests.Build;

/// <summary>The volunteers' program, published as the README says.</summary>
public sealed class PublishTests : IDisposable
{
    private const long ProgramBytesMin = 30_000_000;

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task NodeAgent_WhenPublishedForLinux_IsOneFileWithItsNativeLibraries()
    {
        string folder = await PublishAsync("linux-x64");

        AssertProgram(Path.Combine(folder, "PiGrid.NodeAgent"), [0x7F, (byte)'E', (byte)'L', (byte)'F']);
        AssertFiles(folder, "PiGrid.NodeAgent", "libonnxruntime.so", "libvips.so");
        if (OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64)
        {
            // It brings its own .NET: none is to be found.
            (await Command.RunAsync(Path.Combine(folder, "PiGrid.NodeAgent"), ["--help"], ("DOTNET_ROOT", _scratch.Folder), ("PATH", ""))).AssertSucceeded();
        }
    }

    [Fact]
    public async Task NodeAgent_WhenPublishedForWindows_IsOneFileWithItsNativeLibraries()
    {
        string folder = await PublishAsync("win-x64");

        AssertProgram(Path.Combine(folder, "PiGrid.NodeAgent.exe"), [(byte)'M', (byte)'Z']);
        AssertFiles(folder, "PiGrid.NodeAgent.exe", "onnxruntime.dll", "DirectML.dll", "dxcompiler.dll", "dxil.dll", "libvips.dll");
    }

    /// <summary>Publishes into a folder of the test's own; the checkout's obj and bin stay as they are.</summary>
    private async Task<string> PublishAsync(string rid)
    {
        Command publish = await Command.RunAsync(
            "dotnet",
            ["publish", Path.Combine(TestData.RepositoryRoot, "NodeAgent"), "-c", "Release", "-r", rid, "--artifacts-path", _scratch["artifacts"], "-o", _scratch["out"],
                "--nologo", "-v:q", "-tl:off", "-nodeReuse:false"]);
        publish.AssertSucceeded();
        return _scratch["out"];
    }

    private static void AssertProgram(string file, byte[] magic)
    {
        using FileStream program = File.OpenRead(file);
        var start = new byte[magic.Length];
        program.ReadExactly(start);
        Assert.Equal(magic, start);
        Assert.InRange(program.Length, ProgramBytesMin, long.MaxValue);
    }

    /// <summary>Beside the program lie the native libraries (in the Embedded engine), their licences, and no managed library.</summary>
    private static void AssertFiles(string folder, string program, params string[] libraries)
    {
        string[] files = [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file))];
        string[] libraryFiles = [.. files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal) || file.EndsWith(".so", StringComparison.Ordinal))];
        Assert.Contains(program, files);
        Assert.Equal(libraries.Order(), libraryFiles.Order());
        Assert.Contains("libvips-LGPL-3.0.txt", Directory.GetFiles(Path.Combine(folder, "licences")).Select(file => Path.GetFileName(file)));
    }
}
