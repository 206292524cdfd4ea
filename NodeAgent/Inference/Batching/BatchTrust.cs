namespace PiGrid.Inference.Batching;

/// <summary>
/// What is known of a model's batches. An open first dimension need not be a number of rows, so batches are held against runs of each input alone: all of
/// them until enough was compared, then one now and then, counted so that a run can be repeated. One disagreement ends batches for good.
/// </summary>
/// <param name="Max">The most inputs of one run; 1 when there are no batches, or no more.</param>
/// <param name="Compared">How many inputs agreed, up to <see cref="Proof"/>.</param>
/// <param name="Unchecked">Batches since the last one that was compared.</param>
internal readonly record struct BatchTrust(int Max, int Compared = 0, int Unchecked = 0)
{
    /// <summary>Inputs to be compared before a batch is believed.</summary>
    public const int Proof = 8;

    /// <summary>Of so many batches one is compared afterwards.</summary>
    public const int Every = 64;

    /// <summary>Whether enough was compared.</summary>
    public bool IsProven => Compared >= Proof;

    /// <summary>Whether the next batch is to be compared.</summary>
    public bool ChecksNext => !IsProven || Unchecked >= Every - 1;

    /// <summary>A batch was given out without being compared.</summary>
    public BatchTrust Believed() => this with { Unchecked = Unchecked + 1 };

    /// <summary>A batch was compared, and agreed.</summary>
    /// <param name="inputs">How many inputs of it prove something.</param>
    public BatchTrust Agreed(int inputs) => this with { Compared = Math.Min(Proof, Compared + inputs), Unchecked = 0 };

    /// <summary>A batch gave other outputs than its inputs alone, or not theirs: the first dimension is no number of rows.</summary>
    public BatchTrust Refuted() => this with { Max = 1 };

    /// <summary>A batch failed where none of its inputs alone does: it was too large, for memory or time, or the model takes none.</summary>
    public BatchTrust Failed() => this with { Max = Math.Max(1, Max / 2) };
}
