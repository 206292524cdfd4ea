namespace PiGrid.Tests.Simulation;

/// <summary>Something that must always hold did not.</summary>
internal sealed class SimulationFailedException(string message) : Exception(message);
