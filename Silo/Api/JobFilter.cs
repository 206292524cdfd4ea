using System.Globalization;
using System.Text.Json;

namespace PiGrid.Silo.Api;

/// <summary>Which jobs a list is to have: <c>state</c>, <c>model</c> (<c>NAME</c> or <c>NAME@VERSION</c>) and <c>since</c> (a time) of the query.</summary>
/// <param name="State">In that state; any when null.</param>
/// <param name="Model">Of that model or version; any when null.</param>
/// <param name="Since">Accepted at that time or after it; whenever when null.</param>
internal sealed record JobFilter(JobState? State, string? Model, DateTimeOffset? Since)
{
    /// <summary>Reads it; null when a parameter is wrong, and then the error is answered already.</summary>
    public static async Task<JobFilter?> ReadAsync(HttpContext context)
    {
        var query = context.Request.Query;
        JobState? state = null;
        if (query["state"] is [{ Length: > 0 } named])
        {
            state = Enum.GetValues<JobState>().Cast<JobState?>().FirstOrDefault(s => JsonNamingPolicy.SnakeCaseLower.ConvertName(s!.Value.ToString()) == named);
            if (state is null)
            {
                await RefuseAsync(context, "state", "A job's state is running, completed, failed or cancelled.");
                return null;
            }
        }

        DateTimeOffset? since = null;
        if (query["since"] is [{ Length: > 0 } text])
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            {
                await RefuseAsync(context, "since", "A time is written as 2026-03-04T05:06:07Z.");
                return null;
            }

            since = at;
        }

        return new(state, query["model"] is [{ Length: > 0 } model] ? model : null, since);
    }

    /// <summary>Whether a job can be in the list, by its entry alone.</summary>
    public bool MayHave(RegistryEntry entry) => (Since is null || entry.CreatedAt >= Since) && (State != JobState.Running || entry.Open);

    /// <summary>Whether a job is in the list.</summary>
    public bool Has(JobStatus status) =>
        (State is null || status.State == State) && (Since is null || status.AcceptedAt >= Since) && (Model is null || status.Model.Value == Model || status.Model.Name == Model);

    private static Task RefuseAsync(HttpContext context, string field, string message) =>
        Answers.ErrorAsync(context, 400, "invalid", message, [new(field, "invalid", message)]);
}
