namespace Orleans.Embedded;

/// <summary>Something that an activation runs as turns: a call or a timer's tick.</summary>
internal abstract class Request {
    public abstract bool ReadOnly { get; }

    public abstract bool AlwaysInterleave { get; }

    /// <summary>False when it must not keep the activation from being idle.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>True when nobody waits any more, so that it is dropped instead of started.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Runs to the end on the activation's scheduler; never throws.</summary>
    public abstract Task RunAsync(Activation activation);

    /// <summary>The activation ended before this started: goes to the next one, or nowhere.</summary>
    public abstract void Reroute();

    public abstract void Fail(Exception failure);
}
