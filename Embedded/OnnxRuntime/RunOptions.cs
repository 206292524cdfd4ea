using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Options of single runs; one instance may serve several at once, and ends all of them.</summary>
public unsafe class RunOptions : SafeHandle
{
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
            Apply(value ? 46 : 47);
            field = value;
        }
    }

    /// <summary>Names the run in log lines.</summary>
    public string LogId
    {
        get;
        set
        {
            Status.Verify(Api.Current.Call(42, handle, value));
            field = value;
        }
    } = "";

    /// <summary>Sets one of the library's run configuration entries.</summary>
    public void AddRunConfigEntry(string configKey, string configValue) => Status.Verify(Api.Current.Call(165, handle, configKey, configValue));

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Api.Current.Release(Api.Kind.RunOptions, handle);
        return true;
    }

    /// <summary>Another thread may dispose the options in the same moment; the reference keeps them alive until the call is over.</summary>
    private void Apply(int index)
    {
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            Status.Verify(Api.Current.Call(index, handle));
        }
        finally
        {
            if (isHeld)
            {
                DangerousRelease();
            }
        }
    }
}
