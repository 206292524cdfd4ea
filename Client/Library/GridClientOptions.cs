namespace PiGrid.Client;

/// <summary>Limits and defaults of a <see cref="GridClient"/>.</summary>
public sealed class GridClientOptions
{
    /// <summary>How often a safe call is sent again after a lost connection or an answer 429, 502, 503 or 504. 0 to 20.</summary>
    public int RetriesMax { get; set; } = 4;

    /// <summary>The pause before the first retry; doubled for each further one, up to <see cref="RetryPauseMax"/>.</summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between two tries; also caps what the grid asks for in <c>Retry-After</c>.</summary>
    public TimeSpan RetryPauseMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call may take until its answer begins, long polls aside.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a long poll asks the grid to wait. At most 60 seconds.</summary>
    public TimeSpan LongPoll { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The shortest time between two looks at something that is waited for.</summary>
    public TimeSpan PollPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Blobs that are uploaded at once. 1 to 64.</summary>
    public int UploadsAtOnce { get; set; } = 4;

    /// <summary>The most inputs listed in a submission; more are sent as an index blob.</summary>
    public int ListedInputsMax { get; set; } = 1_000;

    /// <summary>Inputs up to this many bytes travel inside the submission, as long as all of them together stay under 1 MiB. At most 64 KiB.</summary>
    public int InlineInputBytesMax { get; set; } = 16 << 10;

    /// <summary>The most bytes of a call's answer; it is received into memory as one. At least 1 KiB.</summary>
    public int AnswerBytesMax { get; set; } = 256 << 20;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">One or more are out of range; the message names them all.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        Check(RetriesMax is >= 0 and <= 20, nameof(RetriesMax), "0 to 20");
        Check(RetryPause > TimeSpan.Zero, nameof(RetryPause), "over zero");
        Check(RetryPauseMax >= RetryPause, nameof(RetryPauseMax), $"at least {nameof(RetryPause)}");
        Check(CallTimeout > TimeSpan.Zero, nameof(CallTimeout), "over zero");
        Check(LongPoll > TimeSpan.Zero && LongPoll <= TimeSpan.FromSeconds(60), nameof(LongPoll), "over zero, up to 60 s");
        Check(PollPause > TimeSpan.Zero, nameof(PollPause), "over zero");
        Check(UploadsAtOnce is >= 1 and <= 64, nameof(UploadsAtOnce), "1 to 64");
        Check(ListedInputsMax is >= 1 and <= 10_000, nameof(ListedInputsMax), "1 to 10,000");
        Check(InlineInputBytesMax is >= 0 and <= 64 << 10, nameof(InlineInputBytesMax), "0 to 65,536");
        Check(AnswerBytesMax is >= 1 << 10 && AnswerBytesMax <= Array.MaxLength - 64, nameof(AnswerBytesMax), "1,024 to 2,147,483,527");
        if (errors.Count > 0)
        {
            throw new ArgumentException($"The grid client's options are out of range: {string.Join("; ", errors)}.");
        }

        void Check(bool ok, string name, string range)
        {
            if (!ok)
            {
                errors.Add($"{name} is to be {range}");
            }
        }
    }
}
