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

    // Publication only: a failure to load is not kept, but thrown anew at each use.
    private static readonly Lazy<Api> Loaded = new(() => new Api(Library.Load()), LazyThreadSafetyMode.PublicationOnly);

    private readonly nint _library;
    private readonly nint* _table;

    private Api(nint library)
    {
        _library = library;
        var getBase = (delegate* unmanaged<ApiBase*>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        ApiBase* apiBase = getBase();
        VersionString = Utf8.Text(apiBase->GetVersionString());
        _table = apiBase->GetApi(Version);
        if (_table is null)
        {
            throw new DllNotFoundException(
                $"The native ONNX Runtime library is version {VersionString}, which lacks C API {Version}: "
                + "put version 1.24 or later beside the program.");
        }
    }

    /// <summary>The table, loaded on first use.</summary>
    public static Api Current => Loaded.Value;

    /// <summary>The version that the library reports, such as <c>1.30.0</c>.</summary>
    public string VersionString { get; }

    public delegate* unmanaged<nint, int> GetErrorCode => (delegate* unmanaged<nint, int>)_table[1];
    public delegate* unmanaged<nint, byte*> GetErrorMessage => (delegate* unmanaged<nint, byte*>)_table[2];
    public delegate* unmanaged<int, byte*, nint*, nint> CreateEnv => (delegate* unmanaged<int, byte*, nint*, nint>)_table[3];
    public delegate* unmanaged<nint, void*, nuint, nint, nint*, nint> CreateSession =>
        (delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)_table[8];
    public delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run =>
        (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)_table[9];
    public delegate* unmanaged<nint*, nint> CreateSessionOptions => (delegate* unmanaged<nint*, nint>)_table[10];
    public delegate* unmanaged<nint, nuint*, nint> GetInputCount => (delegate* unmanaged<nint, nuint*, nint>)_table[30];
    public delegate* unmanaged<nint, nuint*, nint> GetOutputCount => (delegate* unmanaged<nint, nuint*, nint>)_table[31];
    public delegate* unmanaged<nint, nuint, nint*, nint> GetInputTypeInfo => (delegate* unmanaged<nint, nuint, nint*, nint>)_table[33];
    public delegate* unmanaged<nint, nuint, nint*, nint> GetOutputTypeInfo => (delegate* unmanaged<nint, nuint, nint*, nint>)_table[34];
    public delegate* unmanaged<nint, nuint, nint, byte**, nint> GetInputName =>
        (delegate* unmanaged<nint, nuint, nint, byte**, nint>)_table[36];
    public delegate* unmanaged<nint, nuint, nint, byte**, nint> GetOutputName =>
        (delegate* unmanaged<nint, nuint, nint, byte**, nint>)_table[37];
    public delegate* unmanaged<nint*, nint> CreateRunOptions => (delegate* unmanaged<nint*, nint>)_table[39];
    public delegate* unmanaged<nint, long*, nuint, int, nint*, nint> CreateTensor =>
        (delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)_table[48];
    public delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithData =>
        (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)_table[49];
    public delegate* unmanaged<nint, void**, nint> GetTensorMutableData => (delegate* unmanaged<nint, void**, nint>)_table[51];
    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo => (delegate* unmanaged<nint, nint*, nint>)_table[55];
    public delegate* unmanaged<nint, int*, nint> GetOnnxTypeFromTypeInfo => (delegate* unmanaged<nint, int*, nint>)_table[56];
    public delegate* unmanaged<nint, int*, nint> GetTensorElementType => (delegate* unmanaged<nint, int*, nint>)_table[60];
    public delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount => (delegate* unmanaged<nint, nuint*, nint>)_table[61];
    public delegate* unmanaged<nint, long*, nuint, nint> GetDimensions => (delegate* unmanaged<nint, long*, nuint, nint>)_table[62];
    public delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape => (delegate* unmanaged<nint, nint*, nint>)_table[65];
    public delegate* unmanaged<nint, int*, nint> GetValueType => (delegate* unmanaged<nint, int*, nint>)_table[67];
    public delegate* unmanaged<nint, void*, nint> Free => (delegate* unmanaged<nint, void*, nint>)_table[76];
    public delegate* unmanaged<nint, nint*, nint> GetMemoryInfo => (delegate* unmanaged<nint, nint*, nint>)_table[77];
    public delegate* unmanaged<nint*, nint> GetDefaultAllocator => (delegate* unmanaged<nint*, nint>)_table[78];
    public delegate* unmanaged<nint, nuint, nuint*, nint> GetStringElementLength => (delegate* unmanaged<nint, nuint, nuint*, nint>)_table[127];
    public delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry =>
        (delegate* unmanaged<nint, byte*, byte*, nint>)_table[130];
    public delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint> AppendProvider =>
        (delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint>)_table[216];
    public delegate* unmanaged<nint, nuint, nuint, byte**, nint> GetResizedStringElement =>
        (delegate* unmanaged<nint, nuint, nuint, byte**, nint>)_table[252];

    /// <summary>The address of a function that the library exports by name, or 0.</summary>
    public nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out nint address) ? address : 0;

    /// <summary>Calls the void function that frees an object.</summary>
    public void Release(Kind kind, nint handle) => ((delegate* unmanaged<nint, void>)_table[(int)kind])(handle);

    /// <summary>Calls a function that takes an object alone, by its index.</summary>
    public nint Call(int index, nint handle) => ((delegate* unmanaged<nint, nint>)_table[index])(handle);

    /// <summary>Calls a function that takes an object and a number, by its index.</summary>
    public nint Call(int index, nint handle, int value) => ((delegate* unmanaged<nint, int, nint>)_table[index])(handle, value);

    private struct ApiBase
    {
#pragma warning disable CS0649 // the library fills it
        public delegate* unmanaged<uint, nint*> GetApi;
        public delegate* unmanaged<byte*> GetVersionString;
#pragma warning restore CS0649
    }

    /// <summary>Objects of the library, by the index of the function that frees them.</summary>
    public enum Kind
    {
        Status = 93,
        Session = 95,
        Value = 96,
        RunOptions = 97,
        TypeInfo = 98,
        TensorTypeAndShapeInfo = 99,
        SessionOptions = 100,
    }
}
