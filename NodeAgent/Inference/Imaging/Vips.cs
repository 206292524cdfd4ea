using System.Runtime.InteropServices;

namespace PiGrid.Inference.Imaging;

/// <summary>
/// The entry points of libvips and GLib that decoding needs. None is variadic: a variadic function has another calling convention
/// on some platforms (macOS on arm64), which P/Invoke cannot express.
/// </summary>
internal static unsafe partial class Vips
{
    /// <summary>The library's name; <see cref="VipsLibrary"/> resolves it to the file beside the program.</summary>
    public const string Library = "libvips";

    /// <summary>VipsAccess: rows are asked for once, from the top.</summary>
    public const int AccessSequential = 1;

    /// <summary>VipsFailOn: an error, a truncated file among them, is an error; a warning is not.</summary>
    public const int FailOnError = 2;

    /// <summary>VipsBandFormat: unsigned 8-bit samples.</summary>
    public const int FormatByte = 0;

    /// <summary>VipsBandFormat: unsigned 16-bit samples.</summary>
    public const int FormatUShort = 2;

    /// <summary>VipsInterpretation: cyan, magenta, yellow, black; 0 is no ink.</summary>
    public const int InterpretationCmyk = 15;

    /// <summary>A GValue: the type, and 16 bytes that GLib alone reads.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Value
    {
        private readonly nuint _type;
        private readonly ulong _data0;
        private readonly ulong _data1;
    }

    [LibraryImport(Library, EntryPoint = "vips_init", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Init(string program);

    [LibraryImport(Library, EntryPoint = "vips_concurrency_set")]
    public static partial void ConcurrencySet(int threads);

    [LibraryImport(Library, EntryPoint = "vips_cache_set_max")]
    public static partial void CacheSetMax(int operations);

    [LibraryImport(Library, EntryPoint = "vips_block_untrusted_set")]
    public static partial void BlockUntrustedSet(int blocked);

    [LibraryImport(Library, EntryPoint = "vips_operation_block_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void OperationBlockSet(string type, int blocked);

    [LibraryImport(Library, EntryPoint = "g_log_set_handler", StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint LogSetHandler(string domain, int levels, delegate* unmanaged<byte*, int, byte*, void*, void> handler, nint data);

    [LibraryImport(Library, EntryPoint = "vips_error_buffer_copy")]
    public static partial nint ErrorBufferCopy();

    [LibraryImport(Library, EntryPoint = "g_free")]
    public static partial void Free(nint memory);

    [LibraryImport(Library, EntryPoint = "vips_blob_new")]
    public static partial nint BlobNew(nint release, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "vips_area_unref")]
    public static partial void AreaUnref(nint area);

    [LibraryImport(Library, EntryPoint = "vips_blob_get_type")]
    public static partial nuint BlobType();

    [LibraryImport(Library, EntryPoint = "vips_access_get_type")]
    public static partial nuint AccessType();

    [LibraryImport(Library, EntryPoint = "vips_fail_on_get_type")]
    public static partial nuint FailOnType();

    [LibraryImport(Library, EntryPoint = "vips_image_get_type")]
    public static partial nuint ImageType();

    [LibraryImport(Library, EntryPoint = "g_value_init")]
    public static partial Value* ValueInit(Value* value, nuint type);

    [LibraryImport(Library, EntryPoint = "g_value_unset")]
    public static partial void ValueUnset(Value* value);

    [LibraryImport(Library, EntryPoint = "g_value_set_boxed")]
    public static partial void ValueSetBoxed(Value* value, nint boxed);

    [LibraryImport(Library, EntryPoint = "g_value_set_enum")]
    public static partial void ValueSetEnum(Value* value, int number);

    [LibraryImport(Library, EntryPoint = "g_value_dup_object")]
    public static partial nint ValueDupObject(Value* value);

    [LibraryImport(Library, EntryPoint = "g_object_set_property", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void ObjectSetProperty(nint target, string name, Value* value);

    [LibraryImport(Library, EntryPoint = "g_object_get_property", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void ObjectGetProperty(nint target, string name, Value* value);

    [LibraryImport(Library, EntryPoint = "g_object_unref")]
    public static partial void ObjectUnref(nint target);

    [LibraryImport(Library, EntryPoint = "vips_operation_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OperationNew(string name);

    [LibraryImport(Library, EntryPoint = "vips_cache_operation_build")]
    public static partial nint OperationBuild(nint operation);

    [LibraryImport(Library, EntryPoint = "vips_object_unref_outputs")]
    public static partial void UnrefOutputs(nint operation);

    [LibraryImport(Library, EntryPoint = "vips_image_get_width")]
    public static partial int ImageWidth(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_height")]
    public static partial int ImageHeight(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_bands")]
    public static partial int ImageBands(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_format")]
    public static partial int ImageFormat(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_interpretation")]
    public static partial int ImageInterpretation(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_orientation")]
    public static partial int ImageOrientation(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_write_to_memory")]
    public static partial byte* ImageWriteToMemory(nint image, nuint* size);
}
