using System.Text;
using PiGrid.Silo.Api.Inference;
using PiGrid.Tests.Verification;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>Valid bodies with pieces changed, cut, doubled and moved: the reader ends in a request that is whole or an error, and takes no more memory than the body explains.</summary>
public class RequestFuzzTests
{
    private static readonly string[] Words =
    [
        "\"inputs\"", "\"data\"", "\"shape\"", "\"name\"", "\"datatype\"", "\"parameters\"", "\"binary_data_size\"", "[", "]", "{", "}", ",", ":", "\"", "\\u0000",
        "\\ud800", "null", "true", "-1", "2147483647", "9223372036854775807", "1e999", "NaN", "0.1", "\"BYTES\"", "\"FP64\"", "{\"b64\":\"AAAA\"}", "\xFF", "\0",
    ];

    [Fact]
    public void Reader_WhateverTheBodyIs_EndsInARequestOrAnError() => Dice.Check(4_000, dice =>
    {
        var (seed, jsonLength) = Seeds[dice.Below(Seeds.Length)];
        var body = seed.ToList();
        for (var changes = 1 + dice.Below(6); changes > 0; changes--)
        {
            Change(body, dice);
        }

        int? length = jsonLength is null ? null : dice.Below(4) == 0 ? dice.Below(body.Count + 50) : jsonLength;
        Check([.. body], length);
    });

    [Fact]
    public void Reader_WhereverTheBodyIsCut_EndsInAnError()
    {
        foreach (var (seed, jsonLength) in Seeds)
        {
            Assert.NotEmpty(RequestReader.Read(seed, jsonLength).Inputs);
            for (var length = 0; length < seed.Length; length++)
            {
                Assert.Equal(400, Assert.Throws<InferenceException>(() => RequestReader.Read(seed.AsMemory(0, length), jsonLength)).Status);
            }
        }
    }

    private static (byte[] Body, int? JsonLength)[] Seeds { get; } =
    [
        (Encoding.UTF8.GetBytes(Requests.Json("FP32", "[2,2]", "[[1,2.5],[-3e3,4]]", ",\"id\":\"é\",\"outputs\":[{\"name\":\"y\"}],\"parameters\":{\"policy\":\"none\"}")), null),
        (Encoding.UTF8.GetBytes(Requests.Json("BYTES", "[3]", "[\"a\\n\",\"é\",{\"b64\":\"AAEC\"}]")), null),
        Binary(("a", "INT64", "[2]", new byte[16]), ("b", "BYTES", "[2]", [.. Requests.Element("one"), .. Requests.Element("")]), ("c", "BOOL", "[1,3]", [0, 1, 1])),
    ];

    private static (byte[], int?) Binary(params (string, string, string, byte[])[] inputs) => Requests.Binary(inputs);

    /// <summary>Changes a body somewhere.</summary>
    internal static void Change(List<byte> body, Dice dice)
    {
        var at = dice.Below(body.Count + 1);
        var length = Math.Min(dice.Below(20), body.Count - at);
        switch (dice.Below(5))
        {
            case 0 when at < body.Count:
                body[at] = (byte)dice.Below(256);
                break;
            case 1:
                body.RemoveRange(at, length);
                break;
            case 2:
                body.InsertRange(at, body.GetRange(at, length));
                break;
            case 3:
                body.InsertRange(at, Encoding.Latin1.GetBytes(Words[dice.Below(Words.Length)]));
                break;
            default:
                var to = dice.Below(body.Count + 1);
                body.InsertRange(to, body.GetRange(at, length));
                break;
        }
    }

    private static void Check(byte[] body, int? length)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var request = RequestReader.Read(body, length);
            Assert.Equal(request.Inputs.Count, request.Inputs.Select(i => i.Name).Distinct().Count());
            foreach (var input in request.Inputs)
            {
                var elements = input.Shape.Aggregate(1L, (product, size) => product * size);
                var found = input.Type == ElementType.Bytes
                    ? PiGrid.Tensors.StringElements.Count(input.Data.Span)
                    : input.Data.Length / ElementTypes.SizeOf(input.Type);
                Assert.Equal(elements, found);
            }
        }
        catch (InferenceException e)
        {
            Assert.Equal(400, e.Status);
            Assert.Contains(": ", e.Message, StringComparison.Ordinal);
        }

        // The trace of an exception and the first use of a method take some by themselves.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (1 << 20) + (64 * body.Length));
    }
}
