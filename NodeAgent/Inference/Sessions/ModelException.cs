namespace PiGrid.Inference.Sessions;

/// <summary>A model that cannot be loaded or run.</summary>
/// <param name="message">What is wrong with it and what to do.</param>
public sealed class ModelException(string message) : Exception(message);
