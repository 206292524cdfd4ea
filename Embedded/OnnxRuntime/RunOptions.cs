using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Options of single runs; one instance may serve several at once, and ends all of them.</summary>
public unsafe class RunOptions : SafeHandle
{
    /// <summary>Makes options that end nothing.</summary>
    public RunOptions()
        : base(0, ownsHandle: true)
    {
        nint options;
        Status.Verify(Api.Current.CreateRunOptions(&options));
        SetHandle(options);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Handle => IsClosed ? throw new ObjectDisposedException(GetType().Name) : handle;

    /// <summary>
    /// Set to true from any thread, ends the runs that use these options at their next operator, with an
    /// <see cref="OnnxRuntimeException"/>; set back to false, the options can be used again.
    /// </summary>
    public bool Terminate
    {
        get;
        set
        {
            // Another thread may dispose the options in the same moment; the reference keeps them alive until the call is over.
            bool isHeld = false;
            DangerousAddRef(ref isHeld);
            try
            {
                Status.Verify(Api.Current.Call(value ? 46 : 47, handle));
                field = value;
            }
            finally
            {
                DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Api.Current.Release(Api.Kind.RunOptions, handle);
        return true;
    }
}
