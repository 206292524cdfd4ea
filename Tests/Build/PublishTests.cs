using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using PiGrid.NodeAgent;

namespace PiGrid.Tests.Build;

/// <summary>The volunteers' program, published as the README says.</summary>
public sealed class PublishTests : IDisposable
{
    private const long ProgramBytesMin = 30_000_000;

    private static readonly byte[] Elf = [0x7F, (byte)'E', (byte)'L', (byte)'F'];
    private static readonly string[] Quiet = ["--nologo", "-v:q", "-tl:off", "-nodeReuse:false"];

    private readonly Scratch _scratch = new();

    private static string Agent => Path.Combine(TestData.RepositoryRoot, "NodeAgent");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task NodeAgent_WhenPublishedForLinux_IsOneFileWithItsNativeLibraries()
    {
        string folder = await PublishAsync("linux-x64");

        AssertProgram(Path.Combine(folder, "PiGrid.NodeAgent"), Elf);
        AssertFiles(folder, "PiGrid.NodeAgent", "libonnxruntime.so", "libvips.so");
        if (OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64)
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
        AssertFiles(folder, "PiGrid.NodeAgent.exe", "onnxruntime.dll", "libvips.dll", "DirectML.dll", "dxcompiler.dll", "dxil.dll");
    }

    [Fact]
    public async Task NodeAgent_WhenPublishedForLinuxOnArm_IsOneFile_OrTheFeedLacksTheRuntimePack()
    {
        if (await PublishWhereTheRuntimeRestoresAsync("linux-arm64") is { } folder)
        {
            AssertProgram(Path.Combine(folder, "PiGrid.NodeAgent"), Elf);
            AssertFiles(folder, "PiGrid.NodeAgent", "libonnxruntime.so", "libvips.so");
        }
    }

    [Fact]
    public async Task NodeAgent_WhenPublishedForMacOnArm_IsOneFile_OrTheFeedLacksTheRuntimePack()
    {
        if (await PublishWhereTheRuntimeRestoresAsync("osx-arm64") is { } folder)
        {
            AssertProgram(Path.Combine(folder, "PiGrid.NodeAgent"), [0xCF, 0xFA, 0xED, 0xFE]);
            AssertFiles(folder, "PiGrid.NodeAgent", "libonnxruntime.dylib", "libvips.dylib");
        }
    }

    /// <summary>
    /// The published folder; null where the feed carries no runtime for the platform, which the restore must have said of every package that it
    /// missed. Any other failure fails the test.
    /// </summary>
    private async Task<string?> PublishWhereTheRuntimeRestoresAsync(string rid)
    {
        Command restore = await Command.RunAsync(
            "dotnet", ["restore", Agent, "-r", rid, "-p:Configuration=Release", "--artifacts-path", _scratch["artifacts"], .. Quiet]);
        if (restore.ExitCode == 0)
        {
            return await PublishAsync(rid);
        }

        string[] errors = [.. restore.Output.Split('\n').Where(line => line.Contains("error ", StringComparison.Ordinal))];
        Assert.Contains(errors, error => error.Contains($"Microsoft.NETCore.App.Runtime.{rid}", StringComparison.Ordinal));
        Assert.All(errors, error => Assert.Matches(
            $@"error NU110[12]: Unable to find package Microsoft\.(NETCore\.App\.(Runtime|Host)|AspNetCore\.App\.Runtime)\.{rid}\b", error));
        return null;
    }

    /// <summary>Publishes into a folder of the test's own; the checkout's obj and bin stay as they are.</summary>
    private async Task<string> PublishAsync(string rid)
    {
        Command publish = await Command.RunAsync(
            "dotnet", ["publish", Agent, "-c", "Release", "-r", rid, "--artifacts-path", _scratch["artifacts"], "-o", _scratch["out"], .. Quiet]);
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

    /// <summary>
    /// Beside the program lie native libraries with their licences, and no managed one. Under the embedded engine exactly these, which the build
    /// brings itself; the official packages may bring more beside the first two, which inference and picture decoding need.
    /// </summary>
    private static void AssertFiles(string folder, string program, params string[] libraries)
    {
        string[] files = [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file))];
        string[] found = [.. files.Where(file => Path.GetExtension(file) is ".dll" or ".so" or ".dylib")];
        Assert.Contains(program, files);
        Assert.All(found, library => Assert.False(IsManaged(Path.Combine(folder, library)), $"{library} is managed code beside the one file"));
        if (AgentVersion.Engine == "Embedded")
        {
            Assert.Equal(libraries.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
        else
        {
            Assert.All(libraries[..2], library => Assert.Contains(library, found));
        }

        Assert.Contains("libvips-LGPL-3.0.txt", Directory.GetFiles(Path.Combine(folder, "licences")).Select(file => Path.GetFileName(file)));
    }

    private static bool IsManaged(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using var reader = new PEReader(stream);
        try
        {
            return reader.HasMetadata;
        }
        catch (BadImageFormatException)
        {
            // An ELF or a Mach-O library.
            return false;
        }
    }
}
