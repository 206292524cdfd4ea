using System.Buffers.Binary;
using System.Text;
using PiGrid.Inference;
using PiGrid.Inference.Inputs;
using PiGrid.Tensors;
using PiGrid.Tests.Verification;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

public class SafeTensorsTests
{
    [Theory]
    [InlineData("bool", 1)]
    [InlineData("uint8", 1)]
    [InlineData("int8", 1)]
    [InlineData("uint16", 2)]
    [InlineData("int16", 2)]
    [InlineData("float16", 2)]
    [InlineData("bfloat16", 2)]
    [InlineData("uint32", 4)]
    [InlineData("int32", 4)]
    [InlineData("float32", 4)]
    [InlineData("uint64", 8)]
    [InlineData("int64", 8)]
    [InlineData("float64", 8)]
    public void Tensors_OfEachType_ComeBackAsTheyWere(string type, int size)
    {
        var data = Enumerable.Range(1, 6 * size).Select(i => (byte)i).ToArray();
        TensorPiece[] written = [new("é\"", type, [2, 3], data), new("empty", type, [0, 7], default), new("one", type, [], data.AsMemory(0, size))];

        var file = SafeTensors.Write(written);
        var read = TensorInputs.Read(file, null);

        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(file) % 8);
        Assert.Equal(written.Select(w => (w.Name, w.Type, Words(w.Shape), Convert.ToHexString(w.Data.Span))), read.Select(r => (r.Name, r.Type, Words(r.Shape), Convert.ToHexString(r.DataIn(file)))));
    }

    [Theory]
    [InlineData("a", 0)]
    [InlineData("abcd", 5)]
    [InlineData("abcde", 4)]
    [InlineData("abcdef", 3)]
    public void Tensors_AreWrittenOneWay(string name, int padding)
    {
        // Digests of inputs, and with them quorums and calls that are sent again, rest on each byte.
        var header = $$$"""{"{{{name}}}":{"dtype":"I16","shape":[2],"data_offsets":[0,4]},"\u00E9":{"dtype":"BOOL","shape":[],"data_offsets":[4,5]}}""" + new string(' ', padding);

        var written = SafeTensors.Write([new(name, "int16", [2], new byte[] { 1, 2, 3, 4 }), new("é", "bool", [], new byte[] { 1 })]);

        Assert.Equal(File(header, [1, 2, 3, 4, 1]), written);
        Assert.Equal(File(header, []), SafeTensors.Head([new(name, "int16", [2], 4), new("é", "bool", [], 1)]));
    }

    [Fact]
    public void Tensors_InTheFormatOfOthers_AreRead()
    {
        // As the format's own library writes it: metadata first, tensors in another order than their bytes.
        const string Header = """{"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}     """;

        var file = File(Header, [1, 0, 0, 0, 5, 6]);
        var read = TensorInputs.Read(file, [new("a", "int32", [1]), new("b", "uint8", [-1])]);

        Assert.Equal([1, 0, 0, 0], read[0].DataIn(file).ToArray());
        Assert.Equal([5, 6], read[1].DataIn(file).ToArray());
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}x""")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"more":1}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2.5],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""")]
    [InlineData("""{"a":{"dtype":"U16","shape":[2],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,2]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[9223372036854775807,9223372036854775807]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}""")]
    public void File_ThatIsNotExactlyRight_IsRefused(string header) => AssertRefused(File(header, [1, 2]));

    [Fact]
    public void Header_WhoseLengthLies_IsRefused()
    {
        var file = SafeTensors.Write([new("a", "uint8", [2], new byte[] { 1, 2 })]);
        foreach (var length in new[] { 0, 1, file.Length - 7, file.Length, SafeTensors.HeaderMax + 1, (1L << 56) - 1 })
        {
            BinaryPrimitives.WriteInt64LittleEndian(file, length);
            AssertRefused(file);
        }
    }

    [Fact]
    public void Reader_WhateverTheFileIs_EndsInTensorsOrAnError()
    {
        var seed = SafeTensors.Write([new("a", "int16", [2, 2], new byte[8]), new("b", "bool", [3], new byte[3]), new("c", "float64", [], new byte[8])]);
        Dice.Check(4_000, dice =>
        {
            var file = seed.ToList();
            for (var changes = 1 + dice.Below(4); changes > 0; changes--)
            {
                var at = dice.Below(file.Count);
                var length = Math.Min(dice.Below(12), file.Count - at);
                switch (dice.Below(4))
                {
                    case 0:
                        file[at] = (byte)dice.Below(256);
                        break;
                    case 1 when file.Count > 20:
                        file.RemoveRange(at, Math.Min(length, file.Count - 10));
                        break;
                    case 2:
                        file.InsertRange(at, file.GetRange(at, length));
                        break;
                    default:
                        file.InsertRange(at, Encoding.UTF8.GetBytes(dice.OneOf("\"", "}", "[", "0", "99", "-", ",\"a\":{}", "\\ud800", "1e9")));
                        break;
                }
            }

            try
            {
                byte[] whole = [.. file];
                var read = SafeTensorsReader.Read(whole);
                Assert.Equal(read.Length, read.Select(t => t.Name).Distinct().Count());
                Assert.All(read, t => t.DataIn(whole));
            }
            catch (ItemException e)
            {
                Assert.Equal(ItemErrorCode.Undecodable, e.Code);
            }
        });
    }

    [Fact]
    public void Strings_GoThroughAModel()
    {
        using var pipeline = Pipeline.Load(Manifests.Tensors, new() { Model = OnnxModels.Identity(Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.String, 2, 2) });
        var elements = StringElements.Write(["é"u8.ToArray(), [], "a\0b"u8.ToArray(), [.. Enumerable.Repeat((byte)'x', 5_000)]]);

        var output = pipeline.Run(Manifests.Input(new TensorData("x", "string", [2, 2], elements)), default).Output;

        var tensor = Assert.Single(output.Tensors!);
        Assert.Equal(("y", "string"), (tensor.Name, tensor.Type));
        Assert.Equal(elements, tensor.Data);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(5, 3)]
    [InlineData(4, 4)]
    [InlineData(4, 2)]
    public void Strings_WhoseCountOrLengthsLie_AreRefused(int count, byte last)
    {
        var elements = StringElements.Write([.. Enumerable.Repeat<byte[]>([1, 2, 3], count)]);
        elements[^7] = last;

        var refused = Assert.Throws<ItemException>(() => TensorInputs.Read(Manifests.Input(new TensorData("x", "string", [4], elements)), null));

        Assert.Equal(ItemErrorCode.ShapeMismatch, refused.Code);
    }

    private static byte[] File(string header, byte[] data)
    {
        var bytes = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)bytes.Length), .. bytes, .. data];
    }

    private static void AssertRefused(byte[] file) => Assert.Equal(ItemErrorCode.Undecodable, Assert.Throws<ItemException>(() => TensorInputs.Read(file, null)).Code);

    private static string Words(IEnumerable<long> shape) => string.Join(',', shape);
}
