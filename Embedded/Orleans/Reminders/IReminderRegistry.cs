using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Timers
{
    /// <summary>Registers reminders.</summary>
    public interface IReminderRegistry
    {
        /// <summary>Registers or changes a reminder.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        /// <summary>A reminder by name, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        /// <summary>All reminders of a grain.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}

namespace Orleans
{
    /// <summary>A grain's reminders: durable timers that wake it even when it is not active, after restarts too.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>Registers or changes a reminder of a grain that is <see cref="IRemindable"/>.</summary>
        /// <exception cref="ArgumentException">The period is below ReminderOptions.MinimumReminderPeriod.</exception>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(
            this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period) => grain is IRemindable
            ? Registry(grain, reminderName).RegisterOrUpdateReminder(grain.GrainContext.GrainId, reminderName, dueTime, period)
            : throw new InvalidOperationException(
                $"Grain {grain.GrainContext.GrainId} is not '{nameof(IRemindable)}'. A grain should implement it to use reminders.");

        /// <summary>Removes a reminder.</summary>
        /// <exception cref="ReminderException">It was changed since it was got.</exception>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) =>
            Registry(grain, reminder.ReminderName).UnregisterReminder(grain.GrainContext.GrainId, reminder);

        /// <summary>A reminder by name, or null.</summary>
        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
            Registry(grain, reminderName).GetReminder(grain.GrainContext.GrainId, reminderName);

        /// <summary>All reminders of the grain.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) =>
            Registry(grain, "all").GetReminders(grain.GrainContext.GrainId);

        private static IReminderRegistry Registry(IGrainBase grain, string name) => string.IsNullOrWhiteSpace(name)
            ? throw new ArgumentNullException(nameof(name), "A reminder needs a name.")
            : grain.GrainContext.ActivationServices.GetRequiredService<IReminderRegistry>();
    }
}
