using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>What a model's file says about the model.</summary>
public unsafe class ModelMetadata
{
    internal ModelMetadata(nint session)
    {
        nint metadata;
        Status.Verify(Api.Current.GetModelMetadata(session, &metadata));
        try
        {
            ProducerName = Read(metadata, 112);
            GraphName = Read(metadata, 113);
            Domain = Read(metadata, 114);
            Description = Read(metadata, 115);
            GraphDescription = Read(metadata, 158);
            long version;
            Status.Verify(Api.Current.GetModelVersion(metadata, &version));
            Version = version;
            CustomMetadataMap = ReadCustom(metadata);
        }
        finally
        {
            Api.Current.Release(Api.Kind.ModelMetadata, metadata);
        }
    }

    public string ProducerName { get; }

    public string GraphName { get; }

    public string Domain { get; }

    public string Description { get; }

    public string GraphDescription { get; }

    public long Version { get; }

    public Dictionary<string, string> CustomMetadataMap { get; }

    private static string Read(nint metadata, int index)
    {
        byte* text;
        Status.Verify(Api.Current.Call(index, metadata, OrtAllocator.DefaultInstance.Pointer, &text));
        return Utf8.Take(text);
    }

    private static Dictionary<string, string> ReadCustom(nint metadata)
    {
        OrtAllocator allocator = OrtAllocator.DefaultInstance;
        Dictionary<string, string> map = [];
        byte** keys;
        long count;
        Status.Verify(Api.Current.GetCustomMetadataKeys(metadata, allocator.Pointer, &keys, &count));
        for (long i = 0; i < count; i++)
        {
            byte* value;
            Status.Verify(Api.Current.LookupCustomMetadata(metadata, allocator.Pointer, keys[i], &value));
            map[Utf8.Take(keys[i])] = Utf8.Take(value);
        }
        allocator.Free(keys);
        return map;
    }
}
