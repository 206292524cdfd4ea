using PiGrid.Tensors;

namespace PiGrid.Silo.Api.Inference;

/// <summary>
/// Gives each input its data: what stood in the JSON, or its piece of the binary part, which is not copied. Pieces lie one behind another in the order of the
/// inputs and fill the part exactly; each fits its input's type and shape.
/// </summary>
internal static class BinaryInputs
{
    /// <summary>The inputs with their data.</summary>
    /// <exception cref="InferenceException">The lengths lie, or data are missing or there twice.</exception>
    public static IReadOnlyList<RequestTensor> Fill(IReadOnlyList<InputDraft> drafts, ReadOnlyMemory<byte> binary)
    {
        if (drafts.Count == 0)
        {
            throw InferenceException.Invalid("inputs", "is empty.");
        }

        var tensors = new RequestTensor[drafts.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            var draft = drafts[i];
            tensors[i] = new(draft.Name, draft.Type, draft.Shape, DataOf(draft, ref binary));
        }

        return binary.IsEmpty
            ? tensors
            : throw InferenceException.Invalid("body", $"has {binary.Length} bytes more than its JSON and the binary_data_size of its inputs say.");
    }

    /// <summary>
    /// What safetensors has before the inputs' data, when the binary part is all of these and as they stand there; null when it is not. Goes by types and shapes,
    /// whatever the lengths say: that the data have them is for <see cref="Fill"/> to see.
    /// </summary>
    public static byte[]? Head(IReadOnlyList<InputDraft>? drafts) =>
        drafts is { Count: > 0 } && drafts.All(d => d.BinarySize is not null && d.Type != ElementType.Bytes)
            ? SafeTensors.Head([.. drafts.Select(d => new TensorEntry(d.Name, ElementTypes.GridNameOf(d.Type), d.Shape, d.Elements * ElementTypes.SizeOf(d.Type)))])
            : null;

    private static ReadOnlyMemory<byte> DataOf(InputDraft draft, ref ReadOnlyMemory<byte> binary)
    {
        if (draft.BinarySize is not { } size)
        {
            return draft.Data ?? throw InferenceException.Invalid(
                $"{draft.Field}.data", "is missing: write the elements there, or their length in parameters.binary_data_size and the bytes behind the JSON.");
        }

        var field = $"{draft.Field}.parameters.binary_data_size";
        if (draft.Data is not null)
        {
            throw InferenceException.Invalid(field, "says that the data are binary, but there is 'data' as well.");
        }

        if (size > binary.Length)
        {
            throw InferenceException.Invalid(
                field, $"is {size}, but only {binary.Length} bytes of the body are left: Inference-Header-Content-Length says where the binary data begin.");
        }

        var data = binary[..(int)size];
        binary = binary[(int)size..];
        CheckSize(draft, data.Span, field);
        return data;
    }

    private static void CheckSize(InputDraft draft, ReadOnlySpan<byte> data, string field)
    {
        var needed = draft.Elements * ElementTypes.SizeOf(draft.Type);
        if (draft.Type != ElementType.Bytes && data.Length != needed)
        {
            throw InferenceException.Invalid(
                field, $"is {data.Length}; {ElementTypes.NameOf(draft.Type)} {Words.Of(draft.Shape)} has {needed} bytes.");
        }

        if (draft.Type == ElementType.Bytes && StringElements.Count(data) is var count && count != draft.Elements)
        {
            throw InferenceException.Invalid(
                draft.Field,
                count is null
                    ? "the length of an element of its binary data reaches over their end."
                    : $"its binary data have {count} elements, but the shape {Words.Of(draft.Shape)} has {draft.Elements}.");
        }

        if (draft.Type == ElementType.Bool && data.IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0 and var at)
        {
            throw InferenceException.Invalid(draft.Field, $"byte {at} of its binary data is neither 0 nor 1, which BOOL is.");
        }
    }
}
