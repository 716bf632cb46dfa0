/** The usage of sg_persist, in two parts: `-h` prints the first, `-hh` the second. */
export const SG_PERSIST_USAGE = {
  main: `Usage: sg_persist [OPTIONS] DEVICE
  DEVICE is a name in the device map (FENCELAB_DEVICES) or an iscsi:// URL.
  Questions to the logical unit (PERSISTENT RESERVE IN; --in|-i is assumed):
    --read-keys|-k             all registered keys (what is done if nothing is said)
    --read-reservation|-r      the reservation, if there is one
    --read-full-status|-s      every registration with its initiator and target port
                               (also --read-status)
    --report-capabilities|-c   what the logical unit can do
  Changes (PERSISTENT RESERVE OUT; --out|-o must be given as well):
    --register|-G              register a key, change it, or give it up (SARK 0)
    --register-ignore|-I       the same, whatever key is registered now
    --register-move|-M         hand the reservation to another initiator port
    --reserve|-R               take the reservation
    --release|-L               give the reservation back
    --clear|-C                 end the reservation and all registrations
    --preempt|-P               take the place of another registration
    --preempt-abort|-A         the same, and abort the commands of that one
    --replace-lost|-z          recover from reservations lost by the device
  With these:
    --param-rk=KEY|-K KEY      the key registered by this initiator, in hex
    --param-sark=KEY|-S KEY    the key to be registered, or to be preempted, in hex
    --prout-type=TYPE|-T TYPE  the type of reservation, in hex; -hh lists them
  --help|-h prints this, given twice the rest.
`,
  other: `Usage: sg_persist [OPTIONS] DEVICE
  The remaining options:
    --alloc-length=LEN|-l LEN  length of the answer at most, in hex, up to 2000
    --maxlen=LEN|-m LEN        the same in decimal, also as 0x100, 100h or 8k
    --device=DEVICE|-d DEVICE  DEVICE as an option
    --hex|-H                   print the answer as bytes; twice and three times in
                               other layouts
    --no-inquiry|-n            do not ask for the name of the device first
    --param-alltgpt|-Y         register for all target ports (ALL_TG_PT)
    --param-aptpl|-Z           keep registrations through a loss of power (APTPL)
    --param-unreg|-U           with --register-move: unregister the sender
                               (also --unreg)
    --relative-target-port=PORT|-Q PORT
                               with --register-move: the target port, in hex
    --transport-id=ID|-X ID    initiator ports: iqn...,i,0xISID or sas,ADDRESS or
                               fcp,NAME or sbp,NAME or spi,ADDRESS,PORT, or bytes in
                               hex; file=NAME or - for one a line
    --readonly|-y              open DEVICE for reading only; twice: never do so
    --verbose|-v               tell more, up to four times
    --version|-V               print the version
  Options may be shortened, and have underscores instead of hyphens.
  TYPE: 1 Write Exclusive, 3 Exclusive Access, 5 and 6 the same for registrants only,
        7 and 8 the same for all registrants
`,
} as const;

/** The usage of sg_turs; its older interface takes `-n=NUM` and has a usage of its own. */
export const SG_TURS_USAGE = {
  current: `Usage: sg_turs [OPTIONS] DEVICE
  Sends TEST UNIT READY and prints what keeps the logical unit from being ready.
  DEVICE is a name in the device map (FENCELAB_DEVICES) or an iscsi:// URL.
    --number=NUM|-n NUM        how many times (also --num)
    --delay=MS|-d MS           wait so many milliseconds before each
    --low|-l                   taken, and without effect but on what is printed
    --progress|-p              print how far a long operation has come
    --time|-t                  print how long it took
    --old|-O                   take options as older versions did (must come first)
    --new|-N                   take options as described here
    --verbose|-v               tell more
    --version|-V               print the version
    --help|-h                  print this
`,
  old: `Usage: sg_turs [OPTIONS] DEVICE
    -d=MS    wait so many milliseconds before each command
    -n=NUM   how many times
    -l       taken, and without effect but on what is printed
    -p       print how far a long operation has come
    -t       print how long it took
    -v       tell more
    -V       print the version
    -N       take options as sg_turs --help describes them
`,
} as const;

/** The usage of sg_inq; its older interface has a usage of its own. */
export const SG_INQ_USAGE = {
  current: `Usage: sg_inq [OPTIONS] DEVICE
  Asks a logical unit what it is (INQUIRY) and prints the answer in words.
  DEVICE is a name in the device map (FENCELAB_DEVICES) or an iscsi:// URL.
    --page=PG|-p PG            a VPD page by number or abbreviation (-hh lists
                               those); with --cmddt an operation code
    --id|-i                    the Device Identification page (83h)
    --extended|-E|-x           the Extended INQUIRY Data page (86h)
    --vpd|-e                   a VPD page; the list of pages if no PG is given
    --descriptors|-d           the standards that the device claims, as well
    --vendor|-s                what the vendor put behind the revision; twice:
                               and behind byte 96
    --only|-o                  do not ask for the serial number as well
    --export|-u                NAME=VALUE lines for udev: of the standard data,
                               of page 80h or of page 83h
    --force|-f                 do not look first whether the page is supported
    --hex|-H                   print bytes; more often: in other layouts
    --raw|-r                   write the bytes themselves
    --inhex=FILE|-I FILE       take the answer from FILE, bytes in hex (- for
                               standard input); with --raw: the bytes themselves
    --len=LEN|-l LEN           length of the answer at most (also --maxlen|-m);
                               only one command is sent then
    --cmddt|-c                 ask about a command by INQUIRY, as SCSI-2 did;
                               twice: about all of them
    --block=0|1|-B 0|1         open without waiting, or with
    --long|-L                  taken, without effect: it is about NVMe
    --old|-O                   take options as older versions did (must come first)
    --new|-N                   take options as described here
    --verbose|-v               tell more, up to four times
    --version|-V               print the version
    --help|-h                  print this; twice: and the abbreviations of pages
`,
  old: `Usage: sg_inq [OPTIONS] DEVICE
    -p=PG    a VPD page, in hex or by abbreviation
    -e       a VPD page; the list of pages if no PG is given
    -i, -x, -s, -m, -M, -b, -a, -P
             page 83h, 86h, 88h, 85h, 87h, B0h, 89h, C0h
    -c       ask about the command of operation code PG; -cl: about all of them
    -d       the standards that the device claims, as well
    -h, -H   print bytes
    -r       write the bytes themselves
    -u       NAME=VALUE lines for udev
    -o       do not ask for the serial number as well
    -f       do not look first whether the page is supported
    -I=FILE  take the answer from FILE
    -l=LEN   length of the answer at most; -36: 36 bytes
    -B=0|1   open without waiting, or with
    -A, -L   taken, without effect: they are about ATA and NVMe
    -v       tell more
    -V       print the version
    -N       take options as sg_inq --help describes them
    -?       print this
`,
} as const;
