using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Owns one object of the library. A call that holds a reference outlives the disposing.</summary>
internal sealed class NativeHandle : SafeHandle
{
    private readonly Api.Kind _kind;
    private readonly NativeTexts? _texts;

    /// <param name="kind">What the object is.</param>
    /// <param name="value">The object.</param>
    /// <param name="texts">Texts that its calls use; they go with it.</param>
    public NativeHandle(Api.Kind kind, nint value, NativeTexts? texts = null)
        : base(0, ownsHandle: true)
    {
        _kind = kind;
        _texts = texts;
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Api.Current.Release(_kind, handle);
        _texts?.Dispose();
        return true;
    }
}
