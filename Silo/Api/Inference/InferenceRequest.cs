namespace PiGrid.Silo.Api.Inference;

/// <summary>What a client asks for, read and checked as far as that goes without knowing the model.</summary>
internal sealed record InferenceRequest
{
    /// <summary>The client's name for the request, echoed.</summary>
    public string? Id { get; init; }

    /// <summary>The inputs; names are distinct.</summary>
    public required IReadOnlyList<RequestTensor> Inputs { get; init; }

    /// <summary>The inputs in safetensors, as <see cref="Tensors.SafeTensors.Write"/> writes them, when they were read into that; null when they were not.</summary>
    public byte[]? InputsWritten { get; init; }

    /// <summary>The outputs wanted, in that order, names distinct; null for all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; init; }

    /// <summary>Parameters by name: texts, whole numbers (<see cref="long"/>), numbers (<see cref="double"/>) and truth values.</summary>
    public required IReadOnlyDictionary<string, object> Parameters { get; init; }
}

/// <summary>An input whose data fit its type and shape.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Its dimensions; their product is the number of elements.</param>
/// <param name="Data">
/// The elements, row-major, little-endian; those of <see cref="ElementType.Bytes"/> each behind its length in 4 bytes. Binary data are a piece of what was read.
/// </param>
internal sealed record RequestTensor(string Name, ElementType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data);

/// <summary>An output that is wanted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Binary">Whether its data are wanted in binary; as the request says when null.</param>
internal sealed record RequestedOutput(string Name, bool? Binary);

/// <summary>The sizes beyond which a request is none.</summary>
internal static class RequestLimits
{
    /// <summary>Inputs, and outputs.</summary>
    public const int TensorsMax = 64;

    /// <summary>Parameters of a request, input or output.</summary>
    public const int ParametersMax = 64;

    /// <summary>Dimensions of a tensor.</summary>
    public const int RankMax = 16;

    /// <summary>Characters of a name.</summary>
    public const int NameMax = 200;

    /// <summary>Characters of the request's id and of a parameter.</summary>
    public const int TextMax = 1_000;

    /// <summary>How deep the JSON goes: nested data in a tensor in the request.</summary>
    public const int DepthMax = RankMax + 8;
}
