using System.Globalization;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary>Pages of a key's own things: <c>after</c>, <c>limit</c> and <c>order</c> of the query choose them. An operator's key sees everybody's.</summary>
internal sealed class OpenAiLists(Lists lists)
{
    // Things that are asked for at once, of which some may not be wanted.
    private const int AskedAtOnce = 128;

    /// <summary>Whether a caller may see what a requester made.</summary>
    public static bool MaySee(CredentialInfo caller, string requester) => caller.Kind == CredentialKind.Operator || caller.Id.Value == requester;

    /// <summary>A caller's own entries of a list.</summary>
    public async Task<IReadOnlyList<RegistryEntry>> OwnAsync(string list, CredentialInfo caller) =>
        [.. (await lists.EntriesAsync(list)).Where(e => e.Requester == caller.Id.Value)];

    /// <summary>Answers with a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="list">The registry's list.</param>
    /// <param name="limits">How long a page is when the query does not say, and at most.</param>
    /// <param name="find">Finds a thing; null for one that is gone or not wanted.</param>
    /// <param name="idOf">A thing's id.</param>
    /// <param name="view">A thing as it is shown.</param>
    public async Task AnswerAsync<T, TView>(
        HttpContext context, CredentialInfo caller, string list, (int Absent, int Max) limits, Func<string, Task<T?>> find, Func<T, string> idOf, Func<T, TView> view)
        where T : class
    {
        var query = context.Request.Query;
        var limit = limits.Absent;
        if (query["limit"] is [{ Length: > 0 } text]
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= 1 && limit <= limits.Max))
        {
            await OpenAiAnswers.InvalidAsync(context, "limit", $"must be a whole number from 1 to {limits.Max}.");
            return;
        }

        if (query["order"] is [{ Length: > 0 } order] && order is not ("asc" or "desc"))
        {
            await OpenAiAnswers.InvalidAsync(context, "order", "must be asc or desc.");
            return;
        }

        var entries = (await lists.EntriesAsync(list)).Where(e => MaySee(caller, e.Requester ?? "")).Select(e => e.Id).ToList();
        if (query["order"] == "asc")
        {
            entries.Reverse();
        }

        var start = 0;
        if (query["after"] is [{ Length: > 0 } after])
        {
            start = entries.IndexOf(after) + 1;
            if (start == 0)
            {
                await OpenAiAnswers.InvalidAsync(context, "after", $"there is no '{after}' any more from which the list could go on: begin anew.");
                return;
            }
        }

        var page = new List<T>();
        foreach (var ids in entries.Skip(start).Chunk(AskedAtOnce))
        {
            page.AddRange((await Task.WhenAll(ids.Select(find))).OfType<T>());
            if (page.Count > limit)
            {
                break;
            }
        }

        var shown = page.Take(limit).ToArray();
        var (first, last) = shown.Length > 0 ? (idOf(shown[0]), idOf(shown[^1])) : (null, null);
        await OpenAiAnswers.JsonAsync(context, 200, new OpenAiPage<TView>(shown.Select(view).ToArray(), first, last, page.Count > limit));
    }
}
