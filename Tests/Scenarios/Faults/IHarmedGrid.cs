using PiGrid.Client;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>A grid of built programs that is harmed while it works, as the requester and the witness see it.</summary>
internal interface IHarmedGrid
{
    /// <summary>The steps of jobs as they happen.</summary>
    Moments Moments { get; }

    /// <summary>The requester's client.</summary>
    GridClient Client { get; }

    /// <summary>The grid's public key.</summary>
    byte[] GridKey { get; }

    /// <summary>The model.</summary>
    ModelRef Model { get; }
}
