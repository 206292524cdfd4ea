using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Api;

namespace PiGrid.Silo.Api;

/// <summary>Pages over the registries, newest first. A cursor is the id of the last item of a page.</summary>
internal sealed class Lists(IGrainFactory grains, IOptions<ApiOptions> options)
{
    /// <summary>
    /// Answers with a page: <c>limit</c>, <c>after</c> and <c>open</c> of the query choose it. What the grid does for itself is in it only when
    /// <paramref name="withInternal"/> is set.
    /// </summary>
    public async Task AnswerAsync<T>(HttpContext context, string list, Func<string, Task<T?>> find, bool withInternal = false)
        where T : class
    {
        var isOpenOnly = context.Request.Query["open"] == "true";
        var entries = (await EntriesAsync(list)).Where(e => (e.Open || !isOpenOnly) && (withInternal || !e.Internal));
        var (page, next) = Cut(context, entries, e => e.Id);
        var items = await Task.WhenAll(page.Select(e => find(e.Id)));
        await Answers.JsonAsync(context, 200, new Page<T>(items.OfType<T>().ToArray(), next));
    }

    /// <summary>All entries of a list, newest first.</summary>
    public async Task<IEnumerable<RegistryEntry>> EntriesAsync(string list)
    {
        var partitions = await Task.WhenAll(RegistryLists.KeysOf(list).Select(key => grains.GetGrain<IRegistryGrain>(key).List()));
        return partitions.SelectMany(p => p).OrderByDescending(e => e.CreatedAt).ThenBy(e => e.Id, StringComparer.Ordinal);
    }

    /// <summary>The page of a list that the query asks for, and the cursor of the next one.</summary>
    public (IReadOnlyList<T> Page, string? Next) Cut<T>(HttpContext context, IEnumerable<T> all, Func<T, string> idOf)
    {
        var limit = (int)RouteValues.Number(context, "limit", Math.Min(100, options.Value.PageMax), 1, options.Value.PageMax);
        var after = context.Request.Query["after"].ToString();
        var rest = after.Length == 0 ? all : all.SkipWhile(item => idOf(item) != after).Skip(1);
        var page = rest.Take(limit + 1).ToList();
        if (page.Count <= limit)
        {
            return (page, null);
        }

        page.RemoveAt(limit);
        return (page, idOf(page[^1]));
    }
}
