using System.Net;

namespace PiGrid.Client;

/// <summary>The grid answered and refused: what was wrong is in <see cref="Code"/>, <see cref="Exception.Message"/> and <see cref="Fields"/>.</summary>
public sealed class GridApiException : Exception
{
    /// <summary>A refusal.</summary>
    public GridApiException(HttpStatusCode status, string code, string message, IReadOnlyList<FieldError> fields)
        : base(message)
    {
        Status = status;
        Code = code;
        Fields = fields;
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>A stable word for programs, such as <c>invalid</c>, <c>unauthorized</c> or <c>not_found</c>.</summary>
    public string Code { get; }

    /// <summary>Every invalid field; empty when the refusal is about the whole request.</summary>
    public IReadOnlyList<FieldError> Fields { get; }
}
