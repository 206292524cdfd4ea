using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace PiGrid.Benchmarks.Online;

/// <summary>
/// What the grid is compared with: Kestrel, and behind it ONNX Runtime in the same process, with the settings of a node's worker. One input tensor of float32
/// in as raw bytes, the first output tensor out as raw bytes. A process of its own, <c>bare MODEL DIMENSIONS</c>; it writes its address and ends with its input.
/// </summary>
internal static class BareEndpoint
{
    private const long BytesMax = 64 << 20;

    /// <summary>Serves until standard input ends.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var shape = arguments[1].Split(',').Select(long.Parse).ToArray();
        using var settings = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        using var session = new InferenceSession(await File.ReadAllBytesAsync(arguments[0]), settings);
        using var run = new RunOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = BytesMax);
        await using var app = builder.Build();
        app.MapPost("/infer", async context =>
        {
            var bytes = new byte[context.Request.ContentLength!.Value];
            await context.Request.Body.ReadExactlyAsync(bytes, context.RequestAborted);
            using var input = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, shape);
            bytes.CopyTo(input.GetTensorMutableRawData());
            using var outputs = session.Run(run, session.InputNames, [input], session.OutputNames);
            var output = outputs[0].GetTensorMutableRawData().ToArray();
            context.Response.ContentLength = output.Length;
            await context.Response.Body.WriteAsync(output, context.RequestAborted);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Whoever started this holds the other end.
        }

        return 0;
    }
}
