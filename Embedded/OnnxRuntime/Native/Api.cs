using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>
/// ONNX Runtime's C API: an append-only table of function pointers, so that an index means the same function in every version
/// (onnxruntime_c_api.h, <c>struct OrtApi</c>). Functions return a status: 0, or an <c>OrtStatus*</c> for <see cref="Status"/>.
/// </summary>
internal sealed unsafe class Api
{
    /// <summary>The version of the table that is asked for; it carries every function used here.</summary>
    private const uint Version = 24;

    private static readonly Lock Gate = new();
    private static volatile Api? _current;

    private readonly nint _library;
    private readonly nint* _table;

    /// <summary>The version that the library reports, such as <c>1.30.0</c>.</summary>
    public string VersionString { get; }

    /// <summary>The table, loaded on first use; a failure to load is thrown anew at each use.</summary>
    public static Api Current
    {
        get
        {
            if (_current is { } ready)
            {
                return ready;
            }
            lock (Gate)
            {
                return _current ??= new Api(Library.Load());
            }
        }
    }

    private Api(nint library)
    {
        _library = library;
        var getBase = (delegate* unmanaged<ApiBase*>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        ApiBase* apiBase = getBase();
        VersionString = Marshal.PtrToStringUTF8(apiBase->GetVersionString())!;
        _table = apiBase->GetApi(Version);
        if (_table is null)
        {
            throw new DllNotFoundException(
                $"The native ONNX Runtime library is version {VersionString}, which lacks C API {Version}: put version 1.24 or later beside the program.");
        }
    }

    private nint this[int index] => _table[index];

    /// <summary>The address of a function that the library exports by name, or 0.</summary>
    public nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out nint address) ? address : 0;

    public int GetErrorCode(nint status) => ((delegate* unmanaged<nint, int>)this[1])(status);

    public byte* GetErrorMessage(nint status) => ((delegate* unmanaged<nint, byte*>)this[2])(status);

    /// <summary>Calls the void function that frees an object.</summary>
    public void Release(Kind kind, nint handle) => ((delegate* unmanaged<nint, void>)this[(int)kind])(handle);

    public delegate* unmanaged<int, byte*, nint*, nint> CreateEnv => (delegate* unmanaged<int, byte*, nint*, nint>)this[3];
    public delegate* unmanaged<nint, void*, nint, nint*, nint> CreateSession => (delegate* unmanaged<nint, void*, nint, nint*, nint>)this[7];
    public delegate* unmanaged<nint, void*, nuint, nint, nint*, nint> CreateSessionFromArray => (delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)this[8];
    public delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run => (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)this[9];
    public delegate* unmanaged<nint*, nint> CreateSessionOptions => (delegate* unmanaged<nint*, nint>)this[10];
    public delegate* unmanaged<nint, nuint*, nint> GetInputCount => (delegate* unmanaged<nint, nuint*, nint>)this[30];
    public delegate* unmanaged<nint, nuint*, nint> GetOutputCount => (delegate* unmanaged<nint, nuint*, nint>)this[31];
    public delegate* unmanaged<nint, nuint, nint*, nint> GetInputTypeInfo => (delegate* unmanaged<nint, nuint, nint*, nint>)this[33];
    public delegate* unmanaged<nint, nuint, nint*, nint> GetOutputTypeInfo => (delegate* unmanaged<nint, nuint, nint*, nint>)this[34];
    public delegate* unmanaged<nint, nuint, nint, byte**, nint> GetInputName => (delegate* unmanaged<nint, nuint, nint, byte**, nint>)this[36];
    public delegate* unmanaged<nint, nuint, nint, byte**, nint> GetOutputName => (delegate* unmanaged<nint, nuint, nint, byte**, nint>)this[37];
    public delegate* unmanaged<nint*, nint> CreateRunOptions => (delegate* unmanaged<nint*, nint>)this[39];
    public delegate* unmanaged<nint, long*, nuint, int, nint*, nint> CreateTensor => (delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)this[48];
    public delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithData => (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)this[49];
    public delegate* unmanaged<nint, void**, nint> GetTensorMutableData => (delegate* unmanaged<nint, void**, nint>)this[51];
    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo => (delegate* unmanaged<nint, nint*, nint>)this[55];
    public delegate* unmanaged<nint, int*, nint> GetOnnxTypeFromTypeInfo => (delegate* unmanaged<nint, int*, nint>)this[56];
    public delegate* unmanaged<nint, int*, nint> GetTensorElementType => (delegate* unmanaged<nint, int*, nint>)this[60];
    public delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount => (delegate* unmanaged<nint, nuint*, nint>)this[61];
    public delegate* unmanaged<nint, long*, nuint, nint> GetDimensions => (delegate* unmanaged<nint, long*, nuint, nint>)this[62];
    public delegate* unmanaged<nint, byte**, nuint, nint> GetSymbolicDimensions => (delegate* unmanaged<nint, byte**, nuint, nint>)this[63];
    public delegate* unmanaged<nint, nuint*, nint> GetTensorShapeElementCount => (delegate* unmanaged<nint, nuint*, nint>)this[64];
    public delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape => (delegate* unmanaged<nint, nint*, nint>)this[65];
    public delegate* unmanaged<nint, int*, nint> GetValueType => (delegate* unmanaged<nint, int*, nint>)this[67];
    public delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo => (delegate* unmanaged<int, int, nint*, nint>)this[69];
    public delegate* unmanaged<nint, void*, nint> AllocatorFree => (delegate* unmanaged<nint, void*, nint>)this[76];
    public delegate* unmanaged<nint*, nint> GetDefaultAllocator => (delegate* unmanaged<nint*, nint>)this[78];
    public delegate* unmanaged<nint, nint*, nint> GetModelMetadata => (delegate* unmanaged<nint, nint*, nint>)this[111];
    public delegate* unmanaged<nint, nint, byte*, byte**, nint> LookupCustomMetadata => (delegate* unmanaged<nint, nint, byte*, byte**, nint>)this[116];
    public delegate* unmanaged<nint, long*, nint> GetModelVersion => (delegate* unmanaged<nint, long*, nint>)this[117];
    public delegate* unmanaged<nint, nint, byte***, long*, nint> GetCustomMetadataKeys => (delegate* unmanaged<nint, nint, byte***, long*, nint>)this[123];
    public delegate* unmanaged<nint, byte*, long, nint> AddFreeDimensionOverrideByName => (delegate* unmanaged<nint, byte*, long, nint>)this[124];
    public delegate* unmanaged<byte***, int*, nint> GetAvailableProviders => (delegate* unmanaged<byte***, int*, nint>)this[125];
    public delegate* unmanaged<byte**, int, nint> ReleaseAvailableProviders => (delegate* unmanaged<byte**, int, nint>)this[126];
    public delegate* unmanaged<nint, nuint, nuint*, nint> GetStringElementLength => (delegate* unmanaged<nint, nuint, nuint*, nint>)this[127];
    public delegate* unmanaged<nint, nuint, nuint, byte*, nint> GetStringElement => (delegate* unmanaged<nint, nuint, nuint, byte*, nint>)this[128];
    public delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint> AppendProvider => (delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint>)this[216];
    public delegate* unmanaged<nint, nuint, nuint, byte**, nint> ResizeStringElement => (delegate* unmanaged<nint, nuint, nuint, byte**, nint>)this[252];

    /// <summary>Calls a function that takes an object alone, by its index.</summary>
    public nint Call(int index, nint handle) => ((delegate* unmanaged<nint, nint>)this[index])(handle);

    /// <summary>Calls a function that takes an object and a number, by its index.</summary>
    public nint Call(int index, nint handle, int value) => ((delegate* unmanaged<nint, int, nint>)this[index])(handle, value);

    /// <summary>Calls a function that takes an object and text, by its index.</summary>
    public nint Call(int index, nint handle, string text)
    {
        fixed (byte* utf8 = Utf8.Bytes(text))
        {
            return ((delegate* unmanaged<nint, byte*, nint>)this[index])(handle, utf8);
        }
    }

    /// <summary>Calls a function that takes an object, a key and a value, by its index.</summary>
    public nint Call(int index, nint handle, string key, string value)
    {
        fixed (byte* utf8Key = Utf8.Bytes(key), utf8Value = Utf8.Bytes(value))
        {
            return ((delegate* unmanaged<nint, byte*, byte*, nint>)this[index])(handle, utf8Key, utf8Value);
        }
    }

    /// <summary>Reads a text that the allocator owns (a name, a producer), by the index of its getter.</summary>
    public nint Call(int index, nint handle, nint allocator, byte** text) => ((delegate* unmanaged<nint, nint, byte**, nint>)this[index])(handle, allocator, text);

    private struct ApiBase
    {
#pragma warning disable CS0649 // the library fills it
        public delegate* unmanaged<uint, nint*> GetApi;
        public delegate* unmanaged<nint> GetVersionString;
#pragma warning restore CS0649
    }

    /// <summary>Objects of the library, by the index of the function that frees them.</summary>
    public enum Kind
    {
        Status = 93,
        MemoryInfo = 94,
        Session = 95,
        Value = 96,
        RunOptions = 97,
        TypeInfo = 98,
        TensorTypeAndShapeInfo = 99,
        SessionOptions = 100,
        ModelMetadata = 118,
    }
}
