using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using PiGrid.Api;

namespace PiGrid.Tests.Silo;

/// <summary>The built program in a process of its own: its one line, its exit status, and a disk that fills up.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-process-").FullName;

    private readonly List<Process> _started = [];

    public void Dispose()
    {
        // Only a test that failed leaves one running.
        foreach (var silo in _started)
        {
            silo.Kill(entireProcessTree: true);
            silo.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Silo_WhenItIsTerminated_DrainsAndEndsWithZero()
    {
        var silo = Start("");
        var line = await silo.StandardOutput.ReadLineAsync();
        Assert.Matches("^PiGrid silo .*, engine (Embedded|Orleans .*), listening on http://127.0.0.1:[0-9]+, data folder ", line);

        await TerminateAsync(silo);

        Assert.Equal(0, silo.ExitCode);
    }

    [UnixFact]
    public async Task Silo_WhenTheDiskIsFull_RefusesWritesAndServesTheRest()
    {
        // A limit on the size of files stands for a full disk: it needs no right to mount one. Reached, it would end a process that did not ignore the
        // signal; the write then fails as it does on a full disk.
        var silo = Start("trap '' XFSZ; ulimit -f 400;");
        Assert.NotNull(await silo.StandardOutput.ReadLineAsync());
        var bootstrap = JsonSerializer.Deserialize<Bootstrap>(await File.ReadAllBytesAsync(Path.Combine(_folder, "bootstrap.json")), GridJson.Wire)!;
        using var http = new HttpClient { BaseAddress = new Uri(bootstrap.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bootstrap.OperatorKey);
        var small = await PostAsync(http, new byte[100]);

        var large = await PostAsync(http, new byte[2 << 20]);
        Assert.Equal((507, "storage"), (large.Status, large.Error?.Error.Code));
        var failed = await FillDatabaseAsync(http);
        Assert.Equal((507, "storage"), (failed.Status, failed.Error?.Error.Code));

        Assert.Equal(200, small.Status);
        Assert.Equal(100, (await http.GetByteArrayAsync($"/api/blobs/{small.Blob!.Sha256}")).Length);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "blobs", "incoming")));
        await TerminateAsync(silo);
        Assert.Contains("quota", await silo.StandardError.ReadToEndAsync(), StringComparison.Ordinal);

        // Nothing half-written: with room again, the same folder serves what it had.
        var again = Start("");
        Assert.NotNull(await again.StandardOutput.ReadLineAsync());
        bootstrap = JsonSerializer.Deserialize<Bootstrap>(await File.ReadAllBytesAsync(Path.Combine(_folder, "bootstrap.json")), GridJson.Wire)!;
        using var second = new HttpClient { BaseAddress = new Uri(bootstrap.Url) };
        second.DefaultRequestHeaders.Authorization = http.DefaultRequestHeaders.Authorization;
        Assert.Equal(100, (await second.GetByteArrayAsync($"/api/blobs/{small.Blob.Sha256}")).Length);
        await TerminateAsync(again);
    }

    // Small blobs go into the database until its log has reached the limit.
    private static async Task<(int Status, BlobRef? Blob, ApiError? Error)> FillDatabaseAsync(HttpClient http)
    {
        for (var i = 0; i < 100; i++)
        {
            var bytes = new byte[60_000];
            BitConverter.TryWriteBytes(bytes, i);
            var answer = await PostAsync(http, bytes);
            if (answer.Status != 200)
            {
                return answer;
            }
        }

        throw new InvalidOperationException("Six megabytes fitted into a database that is limited to less than one.");
    }

    private static async Task<(int Status, BlobRef? Blob, ApiError? Error)> PostAsync(HttpClient http, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes);
        using var response = await http.PostAsync("/api/blobs", content);
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? ((int)response.StatusCode, JsonSerializer.Deserialize<BlobRef>(body, GridJson.Wire), null)
            : ((int)response.StatusCode, null, JsonSerializer.Deserialize<ApiError>(body, GridJson.Wire));
    }

    private Process Start(string before)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "PiGrid.Silo.dll");
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("dotnet", [program, .. TestSilo.Arguments(_folder)])
            : new ProcessStartInfo("bash", ["-c", $"{before} exec dotnet \"$0\" \"$@\"", program, .. TestSilo.Arguments(_folder)]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        // The runtime maps its code through a file of two gigabytes otherwise, which the limit would refuse.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        var silo = Process.Start(start)!;
        _started.Add(silo);
        return silo;
    }

    private static async Task TerminateAsync(Process silo)
    {
        if (OperatingSystem.IsWindows())
        {
            silo.Kill();
        }
        else
        {
            using var kill = Process.Start("kill", ["-TERM", silo.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        await silo.WaitForExitAsync();
    }
}

/// <summary>A fact about Unix.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no limit on the size of a process's files." : null;
}
