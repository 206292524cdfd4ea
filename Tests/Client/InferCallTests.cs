using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PiGrid.Client;
using PiGrid.Client.Http;

namespace PiGrid.Tests.Client;

/// <summary>What a call sends, tries again and takes for an answer.</summary>
public sealed class InferCallTests
{
    private static readonly GridClientOptions Quick = new() { RetryPause = TimeSpan.FromTicks(1), RetryPauseMax = TimeSpan.FromMilliseconds(1) };

    private static readonly InferInput Input = InferInput.Of("x", new float[] { 1 });

    [Fact]
    public async Task Input_WhenItsMemoryChangesBeforeSending_IsSentAsItIsThen()
    {
        var numbers = new short[] { 1, 2 };
        var request = new InferRequest { Model = "m", Inputs = [InferInput.Of("x", numbers), InferInput.Bytes("b", new byte[] { 9 })] };
        using var content = new InferContent(InferContent.JsonOf(request), request.Inputs);
        numbers[0] = 0x0304;

        var sent = await content.ReadAsByteArrayAsync();

        Assert.Equal(sent.Length, content.Headers.ContentLength);
        Assert.Equal([4, 3, 2, 0, 1, 0, 0, 0, 9], sent[^9..]);
        Assert.Equal($"{sent.Length - 9}", content.Headers.GetValues(InferContent.LengthHeader).Single());
        Assert.StartsWith("""{"inputs":[{"name":"x","shape":[2],"datatype":"INT16","parameters":{"binary_data_size":4}}""", Encoding.UTF8.GetString(sent), StringComparison.Ordinal);
    }

    [Fact]
    public void Placement_IsSentAsParameters()
    {
        var terms = new PlacementTerms { Regions = ["eu", "us"], PrivacyClass = PrivacyClass.Trusted, PriceLimit = new(250_000) };
        var json = InferContent.JsonOf(new InferRequest { Model = "m", Inputs = [], Placement = terms });

        Assert.Contains("""{"binary_data_output":true,"region":"eu,us","privacy_class":"trusted","price_limit":250000}""", Encoding.UTF8.GetString(json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Input_WhenItsElementsDoNotFillTheShapeOrHaveNoName_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => InferInput.Of("x", new float[5], 2, 3));
        Assert.Throws<NotSupportedException>(() => InferInput.Of("x", new decimal[1]));
    }

    [Fact]
    public async Task Call_WhenTriesAreLost_CarriesOneKeyOnAll()
    {
        using var answers = new Answers(Status(HttpStatusCode.ServiceUnavailable), null, Output([1, 2, 3, 4]));
        using var grid = new GridClient(new Uri("http://grid.test"), "key", Quick, answers);

        var first = await grid.InferAsync("m", [Input]);

        Assert.Equal([1, 2, 3, 4], first["y"].Data.ToArray());
        Assert.Equal(3, answers.Keys.Count);
        Assert.Single(answers.Keys.Distinct());
        Assert.NotEmpty(answers.Keys[0]);
    }

    [Fact]
    public async Task Call_WhenTheGridAnsweredThatItFailed_IsNotTriedAgain()
    {
        var failed = Status(HttpStatusCode.ServiceUnavailable, """{"error": "No node is connected."}""");
        failed.Headers.Add("PiGrid-Replicas", "0");
        using var answers = new Answers(failed);
        using var grid = new GridClient(new Uri("http://grid.test"), "key", Quick, answers);

        var error = await Assert.ThrowsAsync<GridApiException>(() => grid.InferAsync("m", [Input]));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "No node is connected."), (error.Status, error.Message));
        Assert.Single(answers.Keys);
    }

    [Theory]
    [InlineData(5, 1_000_000)]
    [InlineData(4, 1)]
    public async Task Answer_WhenItsLengthsLie_IsRefused(int stated, int jsonLength)
    {
        using var answers = new Answers(Output([1, 2, 3, 4], stated, jsonLength));
        using var grid = new GridClient(new Uri("http://grid.test"), "key", Quick, answers);

        Assert.Equal("unreadable", (await Assert.ThrowsAsync<GridApiException>(() => grid.InferAsync("m", [Input]))).Code);
    }

    [Fact]
    public async Task Call_WhenCancelled_Ends()
    {
        using var stop = new CancellationTokenSource();
        using var silent = new Silence(stop);
        using var grid = new GridClient(new Uri("http://grid.test"), "key", Quick, silent);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grid.InferAsync("m", [Input], cancellationToken: stop.Token));
    }

    [Fact]
    public void Services_WhenOptionsAreWrong_NameThemAll()
    {
        var services = new ServiceCollection();
        services.AddPiGrid(options => (options.Grid, options.Key, options.Client.RetriesMax) = (new Uri("ftp://grid.test"), "two words", 99));
        using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<GridClient>());

        Assert.All(["Grid", "Key", "RetriesMax"], name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    private static HttpResponseMessage Status(HttpStatusCode status, string body = "{}") =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Output(byte[] data, int? stated = null, int? jsonLength = null)
    {
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"model_name":"m","model_version":"1","outputs":[{"name":"y","datatype":"UINT8","shape":[4],"parameters":{"binary_data_size":{{{stated ?? data.Length}}}}}]}""");
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([.. json, .. data]) };
        answer.Headers.Add(InferContent.LengthHeader, $"{jsonLength ?? json.Length}");
        return answer;
    }

    /// <summary>Gives one answer after the other; null breaks the connection.</summary>
    private sealed class Answers(params HttpResponseMessage?[] answers) : HttpMessageHandler
    {
        public List<string> Keys { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Keys.Add(request.Headers.GetValues("Idempotency-Key").Single());
            return Task.FromResult(answers[Keys.Count - 1] ?? throw new HttpRequestException("the connection broke"));
        }
    }

    /// <summary>Answers nothing, and cancels once it is asked.</summary>
    private sealed class Silence(CancellationTokenSource stop) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("The delay has no end.");
        }
    }
}
