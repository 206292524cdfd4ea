using System.Globalization;
using System.Runtime.InteropServices;
using PiGrid.Inference;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Numeric;

/// <summary>A real model with real inputs.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Files">Its files.</param>
/// <param name="Inputs">The inputs by name.</param>
/// <param name="Tokens">Text models: the tokens over which all logits are compared.</param>
internal sealed record RealWork(
    string Name, ModelManifest Manifest, PipelineFiles Files, IReadOnlyList<KeyValuePair<string, byte[]>> Inputs, TensorData? Tokens = null)
{
    private const int Bos = 1;

    /// <summary>The test data's folder, or null with a message on standard error where it is absent.</summary>
    public static string? DataFolder()
    {
        var data = Environment.GetEnvironmentVariable("PIGRID_TEST_DATA") is { Length: > 0 } named ? named : Path.Combine(Root(), "..", "shared", "data");
        if (File.Exists(Path.Combine(data, "MANIFEST.md")))
        {
            return data;
        }

        Console.Error.WriteLine($"The test data is absent at {Path.GetFullPath(data)}: PIGRID_TEST_DATA names its folder.");
        return null;
    }

    /// <summary>All models of the test data, and the demo's.</summary>
    /// <param name="data">The test data's folder.</param>
    /// <param name="flowers">How many of the flower photographs to take beside the other pictures.</param>
    public static IReadOnlyList<RealWork> All(string data, int flowers)
    {
        var manifests = Path.Combine(Root(), "Tests", "Inference", "manifests");
        var garden = Directory.GetFiles(Path.Combine(data, "flowers"), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        string[] photos =
        [
            .. Directory.GetFiles(Path.Combine(data, "photos")).Where(IsPicture).Order(StringComparer.Ordinal),
            .. Enumerable.Range(0, Math.Min(flowers, garden.Length)).Select(i => garden[(int)((long)i * garden.Length / Math.Min(flowers, garden.Length))]),
        ];
        var tokens = File.ReadAllText(Path.Combine(data, "models", "stories260k_greedy_tokens.txt"))
            .Split(',').Select(t => long.Parse(t, CultureInfo.InvariantCulture)).Prepend(Bos).ToArray();
        var street = Path.Combine(Root(), "eng", "demo-model", "bundle");
        return
        [
            Read("yolox_nano", Path.Combine(manifests, "yolox_nano.json"), data, photos),
            Read("nanodet_m_320", Path.Combine(manifests, "nanodet_m_320.json"), data, photos),
            Read("squeezenet", Path.Combine(manifests, "squeezenet.json"), data, photos),
            Read("mnist", Path.Combine(manifests, "mnist.json"), data, Directory.GetFiles(Path.Combine(data, "digits"), "*.jpg")),
            Read("street", Path.Combine(street, "manifest.json"), street, Directory.GetFiles(Path.Combine(street, "pictures")).Where(IsPicture).Order(StringComparer.Ordinal)),
            Read("stories260k", Path.Combine(manifests, "stories260k.json"), data, []) with
            {
                Inputs = [KeyValuePair.Create("prompt", "Once upon a time"u8.ToArray()), KeyValuePair.Create("other", "The little dog"u8.ToArray())],
                Tokens = new("tokens", "int64", [1, tokens.Length], MemoryMarshal.AsBytes<long>(tokens).ToArray()),
            },
        ];
    }

    /// <summary>The comparator as the grid uses it: with the decoder's threshold.</summary>
    public Comparator Comparator => Comparator.Of(Manifest);

    private static RealWork Read(string name, string manifest, string folder, IEnumerable<string> inputs)
    {
        if (!ManifestReader.TryParse(File.ReadAllBytes(manifest), out var read, out var errors))
        {
            throw new InvalidDataException($"{manifest}: {string.Join("; ", errors.Select(e => $"{e.Field}: {e.Message}"))}");
        }

        return new(name, read, PipelineFiles.FromFolder(read, folder), [.. inputs.Select(f => KeyValuePair.Create(Path.GetFileName(f), File.ReadAllBytes(f)))]);
    }

    private static bool IsPicture(string file) => Path.GetExtension(file) is ".jpg" or ".png";

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "PiGrid.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds PiGrid.sln.");
    }
}
