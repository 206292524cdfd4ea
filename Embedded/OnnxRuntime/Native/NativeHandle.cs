using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Owns one object of the library. Disposing while a call holds a <see cref="Use"/> waits for that call to end.</summary>
internal sealed class NativeHandle : SafeHandle
{
    private readonly Api.Kind _kind;

    public NativeHandle(Api.Kind kind, nint value)
        : base(0, ownsHandle: true)
    {
        _kind = kind;
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Keeps the object alive until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is gone already.</exception>
    public Hold Use() => new(this);

    protected override bool ReleaseHandle()
    {
        Api.Current.Release(_kind, handle);
        return true;
    }

    internal readonly ref struct Hold
    {
        private readonly NativeHandle _owner;

        public Hold(NativeHandle owner)
        {
            bool isHeld = false;
            owner.DangerousAddRef(ref isHeld);
            _owner = owner;
        }

        public nint Value => _owner.handle;

        public void Dispose() => _owner.DangerousRelease();
    }
}
