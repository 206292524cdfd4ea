namespace PiGrid.Client;

/// <summary>What a model takes and gives, as the Open Inference Protocol says it.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Versions">The versions that are ready, newest first.</param>
/// <param name="Platform">What runs it.</param>
/// <param name="Inputs">What a call has to have.</param>
/// <param name="Outputs">What it is answered with.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

/// <summary>An input or output of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">The protocol's name of the element type.</param>
/// <param name="Shape">The size of each dimension; -1 is any.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape);
