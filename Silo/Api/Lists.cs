using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Api;

namespace PiGrid.Silo.Api;

/// <summary>Pages over the registries, newest first. A cursor is the id of the last item of a page.</summary>
internal sealed class Lists(IGrainFactory grains, IOptions<ApiOptions> options)
{
    // Entries that are looked at together, and for one page at most: then the page is short, and the next one goes on from there.
    private const int LookedAtOnce = 128, LookedAtMax = 16_384;

    /// <summary>
    /// Answers with a page: <c>limit</c>, <c>after</c> and <c>open</c> of the query choose it. What the grid does for itself is in it only when
    /// <paramref name="withInternal"/> is set.
    /// </summary>
    public async Task AnswerAsync<T>(HttpContext context, string list, Func<string, Task<T?>> find, bool withInternal = false)
        where T : class
    {
        var isOpenOnly = context.Request.Query["open"] == "true";
        await AnswerAsync(context, list, find, entry => (entry.Open || !isOpenOnly) && (withInternal || !entry.Internal), static _ => true);
    }

    /// <summary>Answers with a page of what is wanted: by its entry, and by itself.</summary>
    public async Task AnswerAsync<T>(HttpContext context, string list, Func<string, Task<T?>> find, Func<RegistryEntry, bool> mayBeWanted, Func<T, bool> isWanted)
        where T : class
    {
        var (entries, limit) = Rest(context, (await EntriesAsync(list)).Where(mayBeWanted), e => e.Id);
        var (page, last, looked) = (new List<T>(), (string?)null, 0);
        foreach (var chunk in entries.Chunk(Math.Min(LookedAtOnce, limit + 1)))
        {
            foreach (var (id, item) in chunk.Select(e => e.Id).Zip(await Task.WhenAll(chunk.Select(e => find(e.Id)))))
            {
                // The cursor stays at a full page's last item: what comes after it may be wanted tomorrow.
                last = page.Count < limit ? id : last;
                if (item is not null && isWanted(item))
                {
                    if (page.Count == limit)
                    {
                        await Answers.JsonAsync(context, 200, new Page<T>(page, last));
                        return;
                    }

                    page.Add(item);
                }
            }

            looked += chunk.Length;
            if (looked >= LookedAtMax)
            {
                await Answers.JsonAsync(context, 200, new Page<T>(page, last));
                return;
            }
        }

        await Answers.JsonAsync(context, 200, new Page<T>(page, null));
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
        var (rest, limit) = Rest(context, all, idOf);
        var page = rest.Take(limit + 1).ToList();
        if (page.Count <= limit)
        {
            return (page, null);
        }

        page.RemoveAt(limit);
        return (page, idOf(page[^1]));
    }

    private (IEnumerable<T> Left, int Limit) Rest<T>(HttpContext context, IEnumerable<T> all, Func<T, string> idOf)
    {
        var limit = (int)RouteValues.Number(context, "limit", Math.Min(100, options.Value.PageMax), 1, options.Value.PageMax);
        var after = context.Request.Query["after"].ToString();
        return (after.Length == 0 ? all : all.SkipWhile(item => idOf(item) != after).Skip(1), limit);
    }
}
