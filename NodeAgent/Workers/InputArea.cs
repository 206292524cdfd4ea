using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PiGrid.NodeAgent.Workers;

/// <summary>
/// Memory that the agent writes an input to and one worker reads it from: a pipe would copy it twice. It has no name and no file, and nobody can map it for
/// writing, or change its size, but the agent that made it. Linux has such memory (memfd_create(2) with seals); elsewhere, and for larger inputs, the pipe does.
/// </summary>
internal sealed partial class InputArea : IDisposable
{
    /// <summary>The largest input that fits, in bytes.</summary>
    public const int BytesMax = 1 << 20;

    private const uint CloseOnExec = 1, AllowSealing = 2;
    private const int AddSeals = 1033, NoMoreSeals = 1, NoShrink = 2, NoGrow = 4, NoFutureWrite = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private InputArea(MemoryMappedFile file, MemoryMappedFileAccess access, string path)
    {
        (_file, Path) = (file, path);
        _view = file.CreateViewAccessor(0, BytesMax, access);
    }

    /// <summary>Where a process of the same user opens it, until <see cref="Shut"/>.</summary>
    public string Path { get; }

    /// <summary>Makes an area; null where the system has none.</summary>
    public static InputArea? TryCreate()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var handle = CreateMemory("pigrid-input", CloseOnExec | AllowSealing);
        if (handle.IsInvalid)
        {
            handle.Dispose();
            return null;
        }

        var path = $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}";
        var stream = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
        try
        {
            stream.SetLength(BytesMax);
            var area = new InputArea(
                MemoryMappedFile.CreateFromFile(stream, null, BytesMax, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false),
                MemoryMappedFileAccess.ReadWrite,
                path);

            // A worker could otherwise cut it short, and the agent would die of its next write.
            if (FileControl(handle, AddSeals, NoMoreSeals | NoShrink | NoGrow | NoFutureWrite) == 0)
            {
                return area;
            }

            area.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream.Dispose();
        }

        return null;
    }

    /// <summary>Opens the agent's area in a worker, to read; null when the system does not allow it.</summary>
    public static InputArea? TryOpen(string path)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return new(MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false), MemoryMappedFileAccess.Read, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Nobody can open it any more; who has it keeps it.</summary>
    public void Shut() => _file.Dispose();

    /// <summary>Writes an input of at most <see cref="BytesMax"/> bytes.</summary>
    /// <exception cref="ObjectDisposedException">The area is disposed of.</exception>
    public unsafe void Write(ReadOnlySpan<byte> input)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, BytesMax);
        byte* start = null;
        try
        {
            // Held, so that whoever disposes meanwhile does not take the memory away.
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            input.CopyTo(new(start, BytesMax));
        }
        finally
        {
            if (start is not null)
            {
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }
    }

    /// <summary>Uses the first bytes, which the agent leaves alone until it has the reply.</summary>
    public unsafe T Read<T>(int length, Func<ReadOnlySpan<byte>, T> use)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, BytesMax);
        byte* start = null;
        try
        {
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return use(new(start, length));
        }
        finally
        {
            if (start is not null)
            {
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle CreateMemory(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(SafeHandle file, int command, int argument);
}
