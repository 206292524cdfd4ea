using System.Buffers;
using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Owns one object of the library. A call that holds a reference outlives the disposing.</summary>
internal sealed class NativeHandle : SafeHandle
{
    private readonly Api.Kind _kind;
    private MemoryHandle _pin;

    /// <param name="kind">What the object is.</param>
    /// <param name="value">The object.</param>
    /// <param name="pin">The pin of the memory that it borrows; it goes with it.</param>
    public NativeHandle(Api.Kind kind, nint value, MemoryHandle pin = default)
        : base(0, ownsHandle: true)
    {
        (_kind, _pin) = (kind, pin);
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Api.Current.Release(_kind, handle);
        _pin.Dispose();
        return true;
    }
}
