using System.Net;
using System.Net.Sockets;
using System.Text;
using PiGrid.Client;
using PiGrid.Client.Http;

namespace PiGrid.Tests.Client;

/// <summary>Retries and refusals, with answers that a real grid gives only when it is in trouble.</summary>
public sealed class TransportTests
{
    private static readonly GridClientOptions Quick = new() { RetryPause = TimeSpan.FromTicks(1), RetryPauseMax = TimeSpan.FromMilliseconds(1) };

    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 400)]
    [InlineData(4, 1600)]
    public void Retry_WhenSafe_DoublesItsPause(int failed, int expected) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expected), RetryPolicy.PauseBefore(new GridClientOptions(), failed, safe: true, asked: null));

    [Fact]
    public void Retry_WhenGridAsksForMore_WaitsThatLongUpToTheLimit()
    {
        Assert.Equal(TimeSpan.FromSeconds(3), RetryPolicy.PauseBefore(new GridClientOptions(), 1, safe: true, TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.FromSeconds(5), RetryPolicy.PauseBefore(new GridClientOptions(), 1, safe: true, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Retry_WhenUnsafeOrExhausted_IsNone()
    {
        Assert.Null(RetryPolicy.PauseBefore(new GridClientOptions(), 1, safe: false, asked: null));
        Assert.Null(RetryPolicy.PauseBefore(new GridClientOptions(), 5, safe: true, asked: null));
    }

    [Fact]
    public async Task Submit_WhenTheFirstTriesAreLost_SendsTheSameJobAgain()
    {
        using var answers = new Answers(HttpStatusCode.ServiceUnavailable, null, HttpStatusCode.OK);
        using var grid = new GridClient(new Uri("http://grid.test"), "key", Quick, answers);
        answers.Body = """{"id": "j_aaaaaaaaaaaaaaaaaaaaaaaaaa", "state": "running", "model": "m@1", "policy": "none"}""";

        await grid.SubmitAsync(new JobSpec { Model = new ModelRef("m", "1") });

        Assert.Equal(3, answers.Bodies.Count);
        Assert.Single(answers.Bodies.Distinct());
        Assert.Contains("\"id\":\"j_", answers.Bodies[0], StringComparison.Ordinal);
        Assert.All(answers.Keys, key => Assert.Equal("Bearer key", key));
    }

    [Fact]
    public async Task Call_WhenTheSocketFailsWhileItIsOpened_IsTriedAgain()
    {
        using var answers = new Answers(HttpStatusCode.OK) { SocketFailures = 2 };
        using var grid = new GridClient(new Uri("http://grid.test"), null, Quick, answers);

        Assert.True(await grid.HasBlobAsync(Sha256.Of([1])));
    }

    [Fact]
    public async Task Call_WhenUnsafe_IsSentOnce()
    {
        using var answers = new Answers(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        using var grid = new GridClient(new Uri("http://grid.test"), null, Quick, answers);

        await Assert.ThrowsAsync<GridUnreachableException>(() => grid.RotateTokenAsync(default, TimeSpan.Zero));

        Assert.Single(answers.Bodies);
    }

    [Fact]
    public async Task Call_WhenRefused_CarriesCodeMessageAndFields()
    {
        using var answers = new Answers(HttpStatusCode.UnprocessableEntity);
        answers.Body = """{"error": {"code": "invalid", "message": "no such model", "fields": [{"field": "model", "code": "unknown_model", "message": "publish it"}]}}""";
        using var grid = new GridClient(new Uri("http://grid.test"), null, Quick, answers);

        var error = await Assert.ThrowsAsync<GridApiException>(() => grid.SubmitAsync(new JobSpec { Model = new ModelRef("m", "1") }));

        Assert.Equal(("invalid", "no such model", "unknown_model"), (error.Code, error.Message, error.Fields.Single().Code));
    }

    [Fact]
    public async Task Call_WhenSomebodyElseAnswers_StillNamesTheStatus()
    {
        using var answers = new Answers(HttpStatusCode.Forbidden);
        answers.Body = "<html>proxy</html>";
        using var grid = new GridClient(new Uri("http://grid.test"), null, Quick, answers);

        var error = await Assert.ThrowsAsync<GridApiException>(() => grid.GetGridAsync());

        Assert.Equal("forbidden", error.Code);
        Assert.Contains("GET /api/grid", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_WhenOutOfRange_NamesThemAll()
    {
        var error = Assert.Throws<ArgumentException>(() => new GridClientOptions { RetriesMax = -1, UploadsAtOnce = 0 }.Validate());

        Assert.Contains(nameof(GridClientOptions.RetriesMax), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(GridClientOptions.UploadsAtOnce), error.Message, StringComparison.Ordinal);
    }

    /// <summary>Answers with one status after the other; null breaks the connection.</summary>
    private sealed class Answers(params HttpStatusCode?[] statuses) : HttpMessageHandler
    {
        private int _next;

        public string Body { get; set; } = "{}";

        /// <summary>How often a socket's own exception comes first, as the platform's client lets it through now and then.</summary>
        public int SocketFailures { get; set; }

        public List<string> Bodies { get; } = [];

        public List<string?> Keys { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (SocketFailures-- > 0)
            {
                throw new SocketException((int)SocketError.NotConnected);
            }

            Bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
            Keys.Add(request.Headers.Authorization?.ToString());
            return statuses[_next++] is { } status
                ? new HttpResponseMessage(status) { Content = new StringContent(Body, Encoding.UTF8, "application/json") }
                : throw new HttpRequestException("the connection broke");
        }
    }
}
