namespace PiGrid.Verification;

/// <summary>
/// Errors are the same when their codes are; messages differ between versions. Running out of time or memory is the exception: it depends on the
/// machine and on the moment, and of one poison input the one or the other comes first by luck. So these two agree with each other, and against
/// an output or another error they prove nothing: an honest node that was slow for a moment has told no lie.
/// </summary>
internal static class ErrorComparer
{
    /// <summary>Compares the outputs for one input, of which at least one is an error.</summary>
    public static Agreement Compare(ItemError? a, ItemError? b) =>
        a?.Code == b?.Code || (IsOfTheMoment(a) && IsOfTheMoment(b)) ? Agreement.Agree
        : IsOfTheMoment(a) || IsOfTheMoment(b) ? Agreement.Inconclusive
        : Agreement.Disagree;

    private static bool IsOfTheMoment(ItemError? error) => error?.Code is ItemErrorCode.TimedOut or ItemErrorCode.WorkerDied;
}
