using FsCheck;
using FsCheck.Fluent;
using PiGrid.Grains.Registry;

namespace PiGrid.Tests.Storage;

public sealed class RegistryPagesTests
{
    [Fact]
    public void Entries_AfterAnyPutsAndRemovals_AreTheLastOfEachId_AndSurviveReloading() => Prop.ForAll(
        Gen.Choose(0, 160_000).ListOf().ToArbitrary(),
        puts =>
        {
            var pages = new RegistryPages();
            var stored = new Dictionary<int, IReadOnlyList<RegistryEntry>>();
            var expected = new Dictionary<string, RegistryEntry>();
            foreach (var put in puts)
            {
                var (id, tick) = (put % 400, put / 400);
                var entry = new RegistryEntry($"j_{id}", tick % 2 == 0, DateTimeOffset.UnixEpoch.AddSeconds(tick));
                var removes = tick % 3 == 0;
                if (removes)
                {
                    expected.Remove(entry.Id);
                }
                else
                {
                    expected[entry.Id] = entry with { CreatedAt = expected.GetValueOrDefault(entry.Id, entry).CreatedAt };
                }

                if ((removes ? pages.PlanRemoval(entry.Id) : pages.Plan(entry)) is var (page, entries))
                {
                    Assert.InRange(entries.Count, removes ? 0 : 1, RegistryPages.EntriesPerPage);
                    Assert.InRange(page, 0, pages.Count);
                    stored[page] = entries;
                    pages.Apply(page, entries);
                }
            }

            var reloaded = new RegistryPages();
            foreach (var page in Enumerable.Range(0, stored.Count))
            {
                reloaded.Load(stored[page]);
            }

            Assert.Equal(expected.Values.OrderBy(e => e.Id), pages.Entries.OrderBy(e => e.Id));
            Assert.Equal(pages.Entries, reloaded.Entries);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Plan_AfterARemoval_FillsTheGapBeforeANewPage()
    {
        var pages = new RegistryPages();
        for (var i = 0; i < (2 * RegistryPages.EntriesPerPage) + 1; i++)
        {
            Put(pages, $"j_{i}");
        }

        var (page, entries) = pages.PlanRemoval("j_5")!.Value;
        pages.Apply(page, entries);

        Assert.Equal(0, pages.Plan(new RegistryEntry("j_new", Open: true, DateTimeOffset.UnixEpoch))!.Value.Page);
        Put(pages, "j_new");
        Assert.Equal(2, pages.Plan(new RegistryEntry("j_newer", Open: true, DateTimeOffset.UnixEpoch))!.Value.Page);
    }

    private static void Put(RegistryPages pages, string id)
    {
        var (page, entries) = pages.Plan(new RegistryEntry(id, Open: true, DateTimeOffset.UnixEpoch))!.Value;
        pages.Apply(page, entries);
    }

    [Fact]
    public void Plan_OfAnEntryThatIsThereJustSo_WritesNothing()
    {
        var pages = new RegistryPages();
        var entry = new RegistryEntry("j_1", Open: true, DateTimeOffset.UnixEpoch);
        pages.Load([entry]);

        Assert.Null(pages.Plan(entry));
        Assert.Null(pages.Plan(entry with { CreatedAt = DateTimeOffset.MaxValue }));
        Assert.NotNull(pages.Plan(entry with { Open = false }));
    }
}
