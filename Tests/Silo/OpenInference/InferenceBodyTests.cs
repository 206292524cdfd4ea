using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using PiGrid.Models;
using PiGrid.Silo.Api.Inference;
using PiGrid.Tests.Verification;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>A body is one request and one input of a call, whichever way it is read: inputs in their place, all in one, or unpacked.</summary>
public class InferenceBodyTests
{
    private const int BytesMax = 32 << 20;

    private static readonly ModelView Any = new() { Ref = new("any", "1"), Kind = InputKind.Tensors };

    private static readonly ElementType[] Types = [.. Enum.GetValues<ElementType>().Where(t => t != ElementType.Bytes)];

    [Fact]
    public void Inputs_WhicheverWayTheyAreRead_AreTheSameBytes() => Dice.Check(500, dice =>
    {
        var (body, length) = Requests.Binary([.. Enumerable.Range(0, 1 + dice.Below(4)).Select(i => Input(dice, i))]);
        var whole = CallInput.Of(Any, RequestReader.Read(body, length));

        var request = Read(body, length, piece: 1 + dice.Below(60));
        var ofUnknownLength = Read(body, length, said: null);
        var unpacked = Read(Gzip(body), length, coding: "gzip");

        Assert.Same(request.InputsWritten, CallInput.Of(Any, request));
        Assert.Equal(whole, request.InputsWritten);
        Assert.All(request.Inputs, i => Assert.True(i.Data.IsEmpty || i.Data.Span.Overlaps(request.InputsWritten)));
        Assert.Equal((null, null), (ofUnknownLength.InputsWritten, unpacked.InputsWritten));
        Assert.Equal(whole, CallInput.Of(Any, ofUnknownLength));
        Assert.Equal(whole, CallInput.Of(Any, unpacked));
    });

    [Theory]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(5_000_003)]
    public void Inputs_OfAnySize_AreReadInTheirPlace(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data);
        var (body, length) = Requests.Binary(("x", "UINT8", $"[{size}]", data));

        var request = Read(body, length, piece: 65_536);

        Assert.Equal(CallInput.Of(Any, RequestReader.Read(body, length)), request.InputsWritten);
    }

    [Theory]
    [InlineData("""{"name":"x","shape":[3],"datatype":"UINT8","data":[7,8,9]}""", "")]
    [InlineData("""{"name":"x","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":5}}""", "\u0001\0\0\0a")]
    [InlineData("""{"name":"x","shape":[1],"datatype":"UINT8","data":[7]},{"name":"y","shape":[2],"datatype":"UINT8","parameters":{"binary_data_size":2}}""", "ab")]
    public void Inputs_ThatAreNotAllBinaryTensors_AreReadAsEver(string inputs, string binary)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"inputs":[{{inputs}}]}""");
        byte[] body = [.. json, .. Encoding.Latin1.GetBytes(binary)];

        var request = Read(body, json.Length);

        Assert.Null(request.InputsWritten);
        Assert.Equal(CallInput.Of(Any, RequestReader.Read(body, json.Length)), CallInput.Of(Any, request));
    }

    [Fact]
    public void Json_ThatIsLong_IsReadWithTheRest()
    {
        var (body, length) = Requests.Binary(("x", "UINT8", "[3]", [1, 2, 3]));
        byte[] longer = [.. Enumerable.Repeat((byte)' ', 70_000), .. body];

        var request = Read(longer, length + 70_000);

        Assert.Null(request.InputsWritten);
        Assert.Equal(CallInput.Of(Any, RequestReader.Read(body, length)), CallInput.Of(Any, request));
    }

    [Theory]
    [InlineData("INT16", "[2]", "3", 4)]
    [InlineData("INT16", "[2]", "4", 3)]
    [InlineData("INT16", "[2]", "4", 5)]
    [InlineData("INT16", "[3]", "4", 4)]
    [InlineData("INT16", "[2]", "-1", 4)]
    [InlineData("INT16", "[2]", "4", 4, ",\"data\":[1,2]")]
    [InlineData("INT16", "[2147483647]", "9223372036854775807", 4)]
    [InlineData("FP64", "[2147483647]", "4", 4)]
    [InlineData("BOOL", "[4]", "4", 4)]
    [InlineData("BYTES", "[1]", "4", 4)]
    public void Lengths_ThatLie_AreRefusedAsEver(string type, string shape, string said, int sent, string more = "")
    {
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"{{{type}}}","parameters":{"binary_data_size":{{{said}}}}{{{more}}}}]}""");
        byte[] body = [.. json, .. Enumerable.Repeat((byte)0xFF, sent)];

        foreach (var jsonLength in new[] { json.Length, json.Length - 1, json.Length + 1, 0, body.Length, body.Length + 1 })
        {
            var refused = Assert.Throws<InferenceException>(() => RequestReader.Read(body, jsonLength));
            Assert.Equal(refused.Message, Assert.Throws<InferenceException>(() => Read(body, jsonLength)).Message);
        }
    }

    [Fact]
    public void Body_WhateverItIs_EndsAsItsReaderSays() => Dice.Check(2_000, dice =>
    {
        var (seed, length) = Requests.Binary(("a", "INT64", "[2]", new byte[16]), ("b", "BOOL", "[1,3]", [0, 1, 1]));
        var body = seed.ToList();
        for (var changes = dice.Below(4); changes > 0; changes--)
        {
            RequestFuzzTests.Change(body, dice);
        }

        // It may also end before the length that it says.
        byte[] sent = [.. body];
        var jsonLength = dice.Once(4) ? dice.Below(sent.Length + 50) : length;
        var said = sent.Length + (dice.Once(4) ? dice.Below(100) : 0);

        Assert.Equal(OutcomeOf(() => RequestReader.Read(sent, jsonLength)), OutcomeOf(() => Read(sent, jsonLength, said, 1 + dice.Below(200))));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(3_000_000)]
    public void Length_ThatLies_TakesMemoryOnlyForWhatCame(int sent)
    {
        const int Said = 24 << 20;
        var json = Encoding.UTF8.GetBytes($$$"""{"inputs":[{"name":"x","shape":[{{{Said}}}],"datatype":"UINT8","parameters":{"binary_data_size":{{{Said}}}}}]}""");
        byte[] body = [.. json, .. new byte[sent]];
        var stream = new PieceStream(body, 10_000);

        var refused = Assert.Throws<InferenceException>(() => Read(stream, json.Length, json.Length + Said, ""));

        Assert.Equal($"inputs[0].parameters.binary_data_size: is {Said}, but only {sent} bytes of the body are left: Inference-Header-Content-Length says where the binary data begin.", refused.Message);
        Assert.All(stream.Readings, r => Assert.InRange(r.Room, 1, Math.Max(1 << 20, 4 * r.Come)));
    }

    [Fact]
    public void Body_OverWhatIsAllowed_IsRefusedUnread()
    {
        var (body, length) = Requests.Binary(("x", "UINT8", "[3]", [1, 2, 3]));
        var stream = new PieceStream(body, body.Length);

        Assert.Equal(413, Assert.Throws<InferenceException>(() => Read(stream, length, BytesMax + 1, "")).Status);
        Assert.Empty(stream.Readings);
    }

    // Names of all lengths give headers of all paddings; some of their characters are written as escapes.
    private static (string Name, string Type, string Shape, byte[] Data) Input(Dice dice, int index)
    {
        var type = dice.OneOf(Types);
        var shape = dice.Several(dice.Below(4), d => (long)d.Below(6));
        var data = new byte[shape.Aggregate(1L, (product, size) => product * size) * ElementTypes.SizeOf(type)];
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = (byte)dice.Below(type == ElementType.Bool ? 2 : 256);
        }

        return ($"{index}{dice.OneOf("", "é", "<", "\\\"", "\\ud83d\\ude00")}{new string('n', dice.Below(9))}", ElementTypes.NameOf(type), $"[{string.Join(',', shape)}]", data);
    }

    private static InferenceRequest Read(byte[] body, int jsonLength, int piece = int.MaxValue) => Read(body, jsonLength, body.Length, piece);

    private static InferenceRequest Read(byte[] body, int jsonLength, int? said, int piece = int.MaxValue) =>
        Read(new PieceStream(body, piece), jsonLength, said, "");

    private static InferenceRequest Read(byte[] body, int jsonLength, string coding) => Read(new MemoryStream(body), jsonLength, body.Length, coding);

    // Such a body never waits.
    private static InferenceRequest Read(Stream body, int jsonLength, int? said, string coding)
    {
        var context = new DefaultHttpContext();
        (context.Request.Body, context.Request.ContentLength, context.Request.Headers.ContentEncoding) = (body, said, coding);
        return InferenceBody.ReadAsync(context, jsonLength, BytesMax).GetAwaiter().GetResult();
    }

    private static string OutcomeOf(Func<InferenceRequest> read)
    {
        try
        {
            return Convert.ToHexString(CallInput.Of(Any, read()));
        }
        catch (InferenceException e)
        {
            return $"{e.Status} {e.Message}";
        }
    }

    private static byte[] Gzip(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var packer = new GZipStream(packed, CompressionMode.Compress))
        {
            packer.Write(body);
        }

        return packed.ToArray();
    }
}
