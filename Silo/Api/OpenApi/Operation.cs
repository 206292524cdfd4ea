namespace PiGrid.Silo.Api.OpenApi;

/// <summary>One operation as the document describes it. Its schemas are made of the very types that are read and written.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The route, as it is mapped.</param>
/// <param name="Summary">What it does, in a sentence.</param>
internal sealed record Operation(string Method, string Path, string Summary)
{
    /// <summary>What the bytes of a blob are.</summary>
    public const string Bytes = "application/octet-stream";

    /// <summary>What the answers and bodies of most operations are.</summary>
    public const string Json = "application/json";

    /// <summary>Whether it needs no key.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>What a key needs one of; every key may when empty.</summary>
    public IReadOnlyList<KeyScope> Scopes { get; private init; } = [];

    /// <summary>The body; null when there is none.</summary>
    public Content? Body { get; private init; }

    /// <summary>Whether the body may be left out.</summary>
    public bool IsBodyOptional { get; private init; }

    /// <summary>The answers by status that are no errors, and errors with a form of their own.</summary>
    public IReadOnlyList<(int Status, Content? Content)> Answers { get; private init; } = [];

    /// <summary>The statuses of errors beside those that every operation can have.</summary>
    public IReadOnlyList<int> Errors { get; private init; } = [];

    /// <summary>What the query may say, with the reason to say it.</summary>
    public IReadOnlyList<(string Name, string What)> Queries { get; private init; } = [];

    /// <summary>What headers may say, with the reason to say it.</summary>
    public IReadOnlyList<(string Name, string What)> Headers { get; private init; } = [];

    /// <summary>An operation that needs no key.</summary>
    public Operation Open() => this with { IsOpen = true };

    /// <summary>An operation that needs a key with one of these scopes.</summary>
    public Operation For(params KeyScope[] scopes) => this with { Scopes = scopes };

    /// <summary>Takes a document.</summary>
    public Operation Takes<T>(bool optional = false) => this with { Body = new(Json, typeof(T)), IsBodyOptional = optional };

    /// <summary>Takes a form with a file.</summary>
    public Operation TakesForm() => this with { Body = new("multipart/form-data", null) };

    /// <summary>Takes bytes.</summary>
    public Operation TakesBytes() => this with { Body = new(Bytes, null) };

    /// <summary>Answers with a document.</summary>
    public Operation Gives<T>(int status = 200) => With(status, new(Json, typeof(T)));

    /// <summary>Answers with something else than a document.</summary>
    public Operation Gives(int status, string mediaType) => With(status, new Content(mediaType, null));

    /// <summary>Answers with a status alone.</summary>
    public Operation Gives(int status) => With(status, null);

    /// <summary>Can end with these errors.</summary>
    public Operation Or(params int[] errors) => this with { Errors = [.. Errors, .. errors] };

    /// <summary>Heeds something in the query.</summary>
    public Operation Asks(string name, string what) => this with { Queries = [.. Queries, (name, what)] };

    /// <summary>Heeds a header.</summary>
    public Operation Heeds(string name, string what) => this with { Headers = [.. Headers, (name, what)] };

    /// <summary>A list that is read in pages.</summary>
    public Operation Paged() => Asks("limit", "The most items of a page.").Asks("after", "What the page before gave as next.");

    /// <summary>Can be sent again safely.</summary>
    public Operation Repeatable() => Heeds(IdempotencyKey.Header, "Sending the request again with the same key does nothing twice.");

    private Operation With(int status, Content? content) => this with { Answers = [.. Answers, (status, content)] };
}

/// <summary>A body or an answer.</summary>
/// <param name="MediaType">Its media type.</param>
/// <param name="Type">What it is written from, or read into; null for bytes and text.</param>
internal sealed record Content(string MediaType, Type? Type);
