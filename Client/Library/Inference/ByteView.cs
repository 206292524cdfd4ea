using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PiGrid.Client;

/// <summary>Numbers as the bytes that they are, so that a tensor goes into a request from where it lies.</summary>
internal sealed unsafe class ByteView<T>(ReadOnlyMemory<T> elements) : MemoryManager<byte>
    where T : unmanaged
{
    /// <summary>The bytes of the elements, row by row as they lie.</summary>
    /// <exception cref="ArgumentException">They are more than 2 GiB.</exception>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<T> elements) => (long)elements.Length * sizeof(T) <= Array.MaxLength
        ? new ByteView<T>(elements).Memory
        : throw new ArgumentException($"A tensor of {elements.Length} elements of {sizeof(T)} bytes is larger than a request can be.", nameof(elements));

    /// <inheritdoc/>
    public override Span<byte> GetSpan() =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(elements.Span)), elements.Length * sizeof(T));

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        var pinned = elements.Pin();
        return new MemoryHandle((byte*)pinned.Pointer + elementIndex, pinnable: new Release(pinned));
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Each pin has a handle of its own, which undoes it.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The elements are the caller's.
    }

    private sealed class Release(MemoryHandle pinned) : IPinnable
    {
        private MemoryHandle _pinned = pinned;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException("It is pinned.");

        public void Unpin() => _pinned.Dispose();
    }
}
