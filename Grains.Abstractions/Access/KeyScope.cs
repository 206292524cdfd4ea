namespace PiGrid;

/// <summary>What an API key may do; every key may read what the grid is and has.</summary>
[GenerateSerializer, Alias("PiGrid.KeyScope")]
public enum KeyScope
{
    /// <summary>Call models online.</summary>
    Infer,

    /// <summary>Upload inputs, submit jobs, and read and end them.</summary>
    Submit,

    /// <summary>Publish models.</summary>
    Publish,

    /// <summary>Everything else: keys, nodes, loading and unloading models.</summary>
    Operate,
}
