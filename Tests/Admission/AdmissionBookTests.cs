using PiGrid.Grains.Admission;

namespace PiGrid.Tests.Admission;

public class AdmissionBookTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly AdmissionBook _book = new(new AdmissionOptions { OpenJobsMax = 3, OpenJobsPerRequesterMax = 2 });

    [Fact]
    public void Job_WhenItsRequesterHasTooManyOpen_IsSentAwayAndOthersAreNot()
    {
        Enter(1, "a");
        Enter(2, "a");

        Assert.Contains("OpenJobsPerRequesterMax", _book.Enter(Job(3), "a").Refused, StringComparison.Ordinal);
        Enter(4, "b");
        Assert.Contains("OpenJobsMax", _book.Enter(Job(5), "c").Refused, StringComparison.Ordinal);

        _book.Leave(Job(1), Start);
        Enter(3, "a");
        Assert.Equal(3, _book.Open);
    }

    [Fact]
    public void Job_WhenItEntersOrLeavesTwice_CountsOnce()
    {
        Enter(1, "a");
        Enter(1, "a");
        Assert.Equal(1, _book.Open);

        _book.Leave(Job(1), Start);
        _book.Leave(Job(1), Start);
        Assert.Equal(0, _book.Open);
        Enter(2, "a");
        Enter(3, "a");
    }

    [Fact]
    public void Job_WhenSentAway_IsToldToComeWhenOneIsExpectedToHaveEnded()
    {
        for (var i = 0; i < 20; i++)
        {
            Enter(i, "a");
            _book.Leave(Job(i), Start.AddSeconds(30 * i));
        }

        Enter(50, "a");
        Enter(51, "a");

        Assert.Equal(TimeSpan.FromSeconds(30), _book.Enter(Job(52), "a").RetryAfter);
    }

    [Fact]
    public void Job_WhenSentAwayBeforeAnyHasEnded_IsToldTheShortestTime()
    {
        Enter(1, "a");
        Enter(2, "a");

        Assert.Equal(new AdmissionOptions().RetryAfterMin, _book.Enter(Job(3), "a").RetryAfter);
    }

    [Fact]
    public void Job_WhenOpenBeforeARestart_IsInWhateverTheLimit()
    {
        for (var i = 0; i < 5; i++)
        {
            _book.Load(Job(i), "a");
        }

        Assert.Equal(5, _book.Open);
        Assert.NotNull(_book.Enter(Job(9), "b").Refused);
    }

    private void Enter(int job, string requester) => Assert.Null(_book.Enter(Job(job), requester).Refused);

    private static JobId Job(int number) => JobId.FromBytes([.. BitConverter.GetBytes(number), .. new byte[12]]);
}
