using FsCheck;
using FsCheck.Fluent;
using PiGrid.Grains.Registry;

namespace PiGrid.Tests.Storage;

public sealed class RegistryPagesTests
{
    [Fact]
    public void Entries_AfterAnyPuts_AreTheLastOfEachId_AndSurviveReloading() => Prop.ForAll(
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
                expected[entry.Id] = entry with { CreatedAt = expected.GetValueOrDefault(entry.Id, entry).CreatedAt };
                if (pages.Plan(entry) is var (page, entries))
                {
                    Assert.InRange(entries.Count, 1, RegistryPages.EntriesPerPage);
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
