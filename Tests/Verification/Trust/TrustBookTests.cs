using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Shards;

namespace PiGrid.Tests.Verification.Trust;

public class TrustBookTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TrustOptions Options = new();

    [Fact]
    public void Record_OfChecks_ShowsInTheViewByWhatWasPassedBefore()
    {
        var book = new TrustBook().Record(ShardBench.Owner(1), 0, failed: false, isFirst: true, Start, Options).Record(ShardBench.Owner(1), 1, failed: false, isFirst: false, Start, Options);

        var view = book.ToView(0, Start, Options);

        Assert.Equal([1, 1, 0], view.Checks.Take(3));
        Assert.All(view.Failures, failures => Assert.Equal(0, failures));
        Assert.Empty(view.Found);
    }

    [Fact]
    public void View_WhenAskedAgain_NamesOnlyWhoWasFoundSince()
    {
        var book = Find(new TrustBook(), 1);
        var before = book.ToView(0, Start, Options);

        book = Find(book, 2);

        Assert.Equal([ShardBench.Owner(1)], before.Found.Select(f => f.Owner));
        Assert.Equal([ShardBench.Owner(2)], book.ToView(before.Version, Start, Options).Found.Select(f => f.Owner));
        Assert.Empty(book.ToView(2, Start, Options).Found);
    }

    [Fact]
    public void Found_WhenThereAreMany_KeepsTheNewest()
    {
        var book = new TrustBook();
        for (var i = 0; i < TrustBook.FoundMax + 5; i++)
        {
            book = Find(book, i);
        }

        var view = book.ToView(0, Start, Options);

        Assert.Equal(TrustBook.FoundMax, view.Found.Count);
        Assert.Equal(ShardBench.Owner(TrustBook.FoundMax + 4), view.Found[^1].Owner);
        Assert.Equal(TrustBook.FoundMax + 5, view.Version);
    }

    [Fact]
    public void Evidence_AfterAHalfLife_WeighsHalf()
    {
        var book = new TrustBook();
        for (var i = 0; i < 8; i++)
        {
            book = book.Record(ShardBench.Owner(1), 0, failed: false, isFirst: i == 0, Start, Options);
        }

        Assert.Equal(4, book.ToView(0, Start + Options.HalfLife, Options).Checks[0], 6);
    }

    [Fact]
    public void Book_WhenItWasKeptByOtherBuckets_BeginsAnewAndForgetsNobody()
    {
        var old = Find(new TrustBook(), 1) with { Checks = [1, 2, 3], Failures = [0, 0, 1] };

        var view = old.Fit().ToView(0, Start, Options);

        Assert.Equal(CheckLedger.Buckets, view.Checks.Count);
        Assert.All(view.Checks, count => Assert.Equal(0, count));
        Assert.Single(view.Found);
    }

    [Fact]
    public void Ledger_WhenItIsMadeOfAView_SaysWhatTheOneThatWasKeptDoes()
    {
        var (kept, book) = (new CheckLedger(), new TrustBook());
        for (var i = 0; i < 2_000; i++)
        {
            kept.Add(i % 500, failed: i % 400 == 0);
            book = book.Record(ShardBench.Owner(i), i % 500, failed: i % 400 == 0, isFirst: false, Start, Options);
        }

        var view = book.ToView(0, Start, Options);

        Assert.Equal(kept.Hazards(), new CheckLedger(view.Checks, view.Failures).Hazards());
    }

    private static TrustBook Find(TrustBook book, int owner) => book.Record(ShardBench.Owner(owner), 3, failed: true, isFirst: true, Start, Options);
}
